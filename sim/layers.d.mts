export interface Layers {
  readonly order: readonly (readonly string[])[];
  readonly native: readonly string[];
}
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}
export declare const LAYERS: Layers;
export declare function filesOfSim(): SourceFile[];
export declare function wrongImports(files: readonly SourceFile[], layers: Layers): string[];
