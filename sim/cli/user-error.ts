/**
 * The line that a user is shown for an error of their making or their machine's: a wrong name, a
 * broken file, a missing compiler. Undefined for everything else, which is a mistake of ours.
 */
export function userMessage(error: unknown): string | undefined {
  const { name, message, code, isUserError } = error as Partial<Error> & {
    code?: string;
    isUserError?: boolean;
  };
  if (message === undefined) return undefined;
  if (isUserError === true || USER_ERRORS.has(name ?? '')) return message;
  if (FILE_ERRORS.has(code ?? '')) return message;
  return undefined;
}

const USER_ERRORS = new Set([
  'DebugError',
  'GhrError',
  'HistoryError',
  'LiveError',
  'LoadError',
  'NativeError',
  'NotReproduced',
  'ScenarioError',
  'ScenarioFileError',
  'SeedsError',
  'StoryError',
  'TargetError',
  'UsageError',
]);

const FILE_ERRORS = new Set([
  'EACCES',
  'EISDIR',
  'EMFILE',
  'ENFILE',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);
