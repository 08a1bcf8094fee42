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
