import { type Contraction, contractionOf, numberOf } from '../../core/db/migration-files.ts'

/** `name`: the file, such as `0078_schema_support.sql`. */
export type MigrationFile = { name: string; text: string }

const because = '-- Release before:'

/**
 * Returns the statements of a migration that the program before it would fail over: they take away, rename, narrow or ask for more. A statement below a
 * comment `-- Release before: …`, which says why that program works on, is passed over, and so is a contracting migration.
 */
export function narrowing({ text }: MigrationFile): string[] {
  if (contractionOf(text)) return []
  const statements = statementsOf(text)
  const isNew = newTables(statements.map(({ code }) => code))
  return statements
    .filter(({ comment }) => !comment.includes(because))
    .flatMap(({ code }) => faultsOf(code, isNew).map((fault) => `${fault}: ${code.slice(0, 100)}`))
}

/** Returns the faults of what a contracting migration says of itself. `version`: the version that is being made. */
export function wrongContraction(
  { name, text }: MigrationFile,
  { version, numbers }: { version: string; numbers: readonly number[] },
): string[] {
  const contraction = contractionOf(text)
  if (!contraction) return []
  const faults: string[] = []
  if (!isBefore(contraction.version, version))
    faults.push(`${name}: version ${contraction.version} is not released before ${version}`)
  if (contraction.oldestProgram >= numberOf(name) || !numbers.includes(contraction.oldestProgram))
    faults.push(`${name}: no migration ${contraction.oldestProgram} is before it`)
  return faults
}

function isBefore(one: Contraction['version'], other: string): boolean {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number))
  for (const [at, part] of (a ?? []).entries()) if (part !== b?.[at]) return part < (b?.[at] ?? 0)
  return false
}

type Statement = { comment: string; code: string }

/** Splits a migration. Texts and bodies of functions are emptied, because their words are no statements. */
function statementsOf(text: string): Statement[] {
  const bare = text
    .replaceAll(/\$(\w*)\$[\s\S]*?\$\1\$/g, "''")
    .replaceAll(/^(?!\s*--)(.*)$/gm, (line) => line.replaceAll(/'(?:[^']|'')*'/g, "''"))
  return bare.split(/;(?=\s|$)/).map((part) => ({
    comment: (part.match(/--.*$/gm) ?? []).join('\n'),
    code: part.replaceAll(/--.*$/gm, '').replaceAll(/\s+/g, ' ').trim().toLowerCase(),
  }))
}

function newTables(codes: readonly string[]): (table: string) => boolean {
  const made = new Set(
    codes.flatMap((code) => /^create (?:unlogged )?table (?:if not exists )?(\w+)/.exec(code)?.[1] ?? []),
  )
  return (table) => made.has(table)
}

function faultsOf(code: string, isNew: (table: string) => boolean): string[] {
  if (/^(drop|truncate) /.test(code)) return ['takes away']
  if (/^alter .* rename /.test(code)) return ['renames']
  const [, unique] = /^create unique index .*? on (?:only )?(\w+)/.exec(code) ?? []
  if (unique && !isNew(unique)) return ['allows less']
  const [, table, actions] = /^alter table (?:if exists )?(?:only )?(\w+) (.*)$/.exec(code) ?? []
  if (!table || !actions || isNew(table)) return []
  return partsOf(actions).flatMap(faultOfAction)
}

function faultOfAction(action: string): string[] {
  if (/^drop /.test(action)) return ['takes away']
  if (/^alter (column )?\w+ (set data )?type /.test(action)) return ['changes a type']
  if (/^alter (column )?\w+ (set not null|drop default)/.test(action)) return ['asks for more']
  if (/^add (constraint|check|unique|primary key|foreign key|exclude)\b/.test(action)) return ['allows less']
  const asks = /^add /.test(action) && / not null\b/.test(action) && !/ (default|generated)\b/.test(action)
  return asks ? ['asks for more'] : []
}

/** Splits at the commas outside of parentheses. */
function partsOf(actions: string): string[] {
  const parts = ['']
  let depth = 0
  for (const character of actions) {
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    if (character === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts.map((part) => part.trim())
}
