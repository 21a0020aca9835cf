/**
 * Why a goal was missed when it was last looked into, by what it is about and the goal; the profiles that show it lie beside the
 * results (`--profile`). Only shown where the goal does not hold.
 */
export const shortfalls: Readonly<Record<string, string>> = {};
