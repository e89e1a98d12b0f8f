/** Equal for actors of one kind: the name without the number that tells them apart. */
export function roleOf(name: string): string {
  const known = roles.get(name);
  if (known !== undefined) return known;
  const role = name.replace(/[\s_#-]*\d+$/, '') || name;
  if (roles.size < ROLES_MAX) roles.set(name, role);
  return role;
}

/** What was worked out before; strategies ask for every actor of every run. */
const roles = new Map<string, string>();
const ROLES_MAX = 10_000;
