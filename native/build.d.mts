export declare class CannotBuild extends Error {}
export interface Compilation {
  sources: string[];
  output: string;
  flags: string[];
  libraries?: string[];
}
export declare function compile(compilation: Compilation): Promise<string>;
export declare function buildAddon(to?: { output?: string; flags?: string[] }): Promise<string>;
