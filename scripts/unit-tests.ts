import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './steps.ts'

/** A test that imports one of these files, directly or indirectly, is not fast. */
const heavy =
  /^server\/testing\/database\.ts$|^server\/core\/embedded\/(postgres|children)\.ts$|^sandbox\/server\.ts$|^e2e\//
/** These tests start programs or processes by their file names, which the imports do not show. */
const slow = ['scripts/launch.test.ts', 'scripts/keys.test.ts', 'scripts/backup.test.ts']

/** Returns the test files that need no database, browser, simulator or process. */
export function unitTests(files: string[]): string[] {
  const importsOf = new Map<string, string[]>()
  return files.filter((file) => !slow.includes(file) && !reaches(file, importsOf, new Set()))
}

function reaches(file: string, importsOf: Map<string, string[]>, seen: Set<string>): boolean {
  if (seen.has(file)) return false
  seen.add(file)
  if (heavy.test(file)) return true
  const imports = importsOf.get(file) ?? importedBy(file)
  importsOf.set(file, imports)
  return imports.some((one) => reaches(one, importsOf, seen))
}

/** Returns imported files of the project. Type imports are left out, because they do not exist at run time. */
function importedBy(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = text.matchAll(
    /^(?:import|export) (?!type\b)[^'"]*'(\.[^']+\.tsx?)'|import\('(\.[^']+\.tsx?)'\)/gm,
  )
  return [...found].map(([, one, other]) => join(dirname(file), one ?? other ?? ''))
}

/**
 * A file that changes what belongs to its whole process keeps a process of its own: mocks, clocks, the environment, global functions, limits
 * of the lists, and what is measured of a process.
 */
const own =
  /\bmock\b|process\.env(\.\w+|\['\w+'\]) = |process\.(on|once|chdir|cpuUsage|memoryUsage|resourceUsage)\(|Object\.assign\(process\.env|globalThis\.\w+ = |setGlobalDispatcher|startCoverage|lowerLimits|startPostgres/m

/** The most files of a row: of those that need only Node, of those that start a whole Sanyi, and of the others. */
const longest = { unit: 40, house: 7, other: 20 }

/**
 * These take as long as a row each, so they have a process of their own, and begin before the others. What they would load is little beside
 * what they do.
 */
const long =
  /^e2e\/(accessible|presses|roles|station|waybills|print-desk)\.browser\.|^e2e\/(restored|watchdog|relay|peak)\.test|^e2e\/merchants|^server\/main\.test|^scripts\/backup|^server\/rules\/safety/

/**
 * Returns the files in rows. The files of a row share a process, and those with a browser also the browser, so that they load and compile the
 * modules of their room once: half of the processor time of most files was spent on that (docs/decisions/0050, 0055).
 */
export function rowsOf(files: readonly string[]): string[][] {
  const unit = new Set(unitTests([...files]))
  const alone = files.filter((file) => long.test(file) || own.test(readFileSync(join(root, file), 'utf8')))
  const shared = files.filter((file) => !alone.includes(file))
  const kindOf = (file: string) => (unit.has(file) ? 'unit' : file.startsWith('e2e/') ? 'house' : 'other')
  const rows = (kind: keyof typeof longest) =>
    cut(
      shared.filter((file) => kindOf(file) === kind),
      longest[kind],
    )
  return [
    ...alone.sort((one, other) => Number(long.test(other)) - Number(long.test(one))).map((file) => [file]),
    ...rows('house'),
    ...rows('other'),
    ...rows('unit'),
  ]
}

/** Cuts a list into parts of nearly the same length. */
function cut(files: readonly string[], most: number): string[][] {
  const parts = Math.ceil(files.length / most)
  return Array.from({ length: parts }, (_, at) =>
    files.slice(Math.round((at * files.length) / parts), Math.round(((at + 1) * files.length) / parts)),
  )
}
