/** From positions in the code that runs to those in the file that the user wrote. */
import { SourceMap, type SourceMapPayload } from 'node:module';
import type { Place } from './load-error.ts';

/** Lines and columns from 1, both ways. */
export type PositionMap = (line: number, column: number) => { line: number; column: number };

/** Files that we have compiled; without a map where code and file have the same positions. */
const loaded = new Map<string, PositionMap | undefined>();

export function noteLoaded(file: string, map: PositionMap | undefined): void {
  loaded.set(file, map);
}

export function isLoaded(file: string): boolean {
  return loaded.has(file);
}

/** A place in the code of a loaded file, as a place in the file. */
export function placeInFile(place: Place): Place {
  return originalPlace(loaded.get(place.file), place);
}

/** The map is read when the first position is asked for. */
export function positionMap(payload: SourceMapPayload): PositionMap {
  let map: SourceMap | undefined;
  return (line, column) => {
    map ??= new SourceMap(payload);
    const entry = map.findEntry(line - 1, column - 1);
    if (!('originalLine' in entry)) return { line, column };
    return { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  };
}

export function originalPlace(map: PositionMap | undefined, place: Place): Place {
  const { file, line, column = 1 } = place;
  return map === undefined || line === undefined ? place : { file, ...map(line, column) };
}
