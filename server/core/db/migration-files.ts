import { readdir, readFile } from 'node:fs/promises'

export const migrationFolder = new URL('../../../migrations/', import.meta.url)
/** The migrations before `0001_schema.sql`, which has the same result. They run only on a database that began with them. */
export const olderFolder = new URL('before-1/', migrationFolder)

export const filesOf = async (place: URL) =>
  (await readdir(place)).filter((name) => /^\d+_.*\.sql$/.test(name)).sort()
export const textOf = (place: URL, name: string) => readFile(new URL(name, place), 'utf8')

/** The names of all migrations that this program has. */
export async function migrationNames(): Promise<string[]> {
  return [...(await filesOf(olderFolder)), ...(await filesOf(migrationFolder))]
}

export const numberOf = (name: string) => Number.parseInt(name, 10)

let found: Promise<number> | undefined

/** The number of this program's last migration, by which programs of different versions are compared. */
export function programNumber(): Promise<number> {
  found ??= filesOf(migrationFolder).then((names) => Math.max(...names.map(numberOf)))
  return found
}

/** `version`: the version that stopped using what the migration takes away. `oldestProgram`: the number of its last migration. */
export type Contraction = { version: string; oldestProgram: number }

/**
 * Returns what a contracting migration says of itself in the line
 * `-- Contracts: version 0.3.0 (migration 0084) and later do without it.`; undefined if it only expands.
 */
export function contractionOf(text: string): Contraction | undefined {
  const [, version, number] =
    /^\s*-- Contracts: version (\d+\.\d+\.\d+) \(migration (\d{4})\)/m.exec(text) ?? []
  return version && number ? { version, oldestProgram: Number(number) } : undefined
}
