import fc from 'fast-check';

/** Property tests try other values at every run; `FAST_CHECK_SEED` gives the same ones again, as CI does. */
const seed = process.env['FAST_CHECK_SEED'];
if (seed) fc.configureGlobal({ seed: Number(seed) });
