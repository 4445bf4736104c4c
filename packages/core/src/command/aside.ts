/**
 * Options of execa for a program that is not a command of anybody's, but looks or helps. Without
 * execa's own cleanup, which ends a process whose own handler of a signal was to be called once.
 */
export const aside = { extendEnv: false, reject: false, cleanup: false } as const;
