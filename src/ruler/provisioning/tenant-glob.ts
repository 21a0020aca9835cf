/** The folder whose files are for every tenant. */
export const EVERY_TENANT = '_all';

/** Whether a text can stand for tenants: characters of tenant ids, `*` for any number of any, `?` for one. */
export function isTenantGlob(text: string): boolean {
  return /^[a-zA-Z0-9!\-_.*'()?]+$/.test(text);
}

/** Whether the whole of `tenant` fits. Takes at most the product of the two lengths. */
export function matchesTenant(glob: string, tenant: string): boolean {
  let position = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < tenant.length) {
    if (glob[position] === '*') {
      star = position;
      starAt = at;
      position += 1;
    } else if (glob[position] === '?' || glob[position] === tenant[at]) {
      position += 1;
      at += 1;
    } else if (star >= 0) {
      // The star takes one more, and the rest is tried again.
      starAt += 1;
      at = starAt;
      position = star + 1;
    } else {
      return false;
    }
  }
  while (glob[position] === '*') position += 1;
  return position === glob.length;
}
