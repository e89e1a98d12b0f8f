/** Nodes are named after their role, counted from 1: `replica-1`, `replica-2`, … */
export function nodeName(role: string, index: number): string {
  return `${role}-${index}`;
}

export function nodeNames(role: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => nodeName(role, i + 1));
}
