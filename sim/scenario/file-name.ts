/** Whether a file of this name says what scenario() takes (sim/scenario/file.ts). */
export function isScenarioFile(path: string): boolean {
  return /\.scenario\.(yaml|yml|json)$/.test(path);
}
