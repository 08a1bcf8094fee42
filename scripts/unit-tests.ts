import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './steps.ts'

/** What a test has to do with none of, itself or through what it imports, to be over in a moment. */
const heavy =
  /^server\/testing\/database\.ts$|^server\/core\/embedded\/(postgres|children)\.ts$|^sandbox\/server\.ts$|^e2e\//
/** They start programs or other processes by their names. */
const slow = ['scripts/launch.test.ts', 'scripts/keys.test.ts']

/** Those of these test files that need no database, no browser, no simulator and no process of their own. */
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

/** Own files only; what is imported for its types is not there when the test runs. */
function importedBy(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = text.matchAll(
    /^(?:import|export) (?!type\b)[^'"]*'(\.[^']+\.tsx?)'|import\('(\.[^']+\.tsx?)'\)/gm,
  )
  return [...found].map(([, one, other]) => join(dirname(file), one ?? other ?? ''))
}
