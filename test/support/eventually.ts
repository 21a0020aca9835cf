/** Calls `probe` until it gives something else than undefined. @throws when `timeoutMs` have passed, with the last error. */
export async function eventually<Value>(
  what: string,
  probe: () => Promise<Value | undefined>,
  { timeoutMs = 10_000, everyMs = 20 } = {},
): Promise<Value> {
  const deadlineMs = performance.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within ${timeoutMs} ms`, { cause: lastError });
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
