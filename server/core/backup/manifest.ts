import { createHash } from 'node:crypto'
import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import Value from 'typebox/value'
import { columnStatisticsSchema } from './statistics.ts'

const count = Type.Integer({ minimum: 0 })
/** Names are used as file names and in SQL. */
const name = Type.String({ pattern: '^[a-z_][a-z0-9_]*$' })

const tableSchema = Type.Object({
  name,
  columns: Type.Array(name),
  rows: count,
  /** The size of the rows, and of the file in which they are stored compressed. */
  bytes: count,
  storedBytes: count,
  /** The checksum of the file. */
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
})
export type BackupTable = Static<typeof tableSchema>

const bodySchema = Type.Object({
  format: Type.Literal(1),
  /** The database's time of the snapshot. */
  takenAt: Type.String(),
  version: Type.String(),
  /** The commit of the program; empty if it is unknown. */
  commit: Type.String(),
  /** The names of the applied migrations, the last one last. */
  migrations: Type.Array(Type.String(), { minItems: 1 }),
  serverVersion: Type.String(),
  tables: Type.Array(tableSchema),
  /** The next number of each sequence. */
  sequences: Type.Array(Type.Object({ name, next: Type.String({ pattern: '^-?\\d+$' }) })),
  /** The statistics of columns that are costly to analyze. Backups of earlier versions have none. */
  statistics: Type.Optional(Type.Array(columnStatisticsSchema)),
  /** Fingerprints of the keys that sealed the values. The keys are never in a backup. */
  keys: Type.Array(Type.Object({ number: Type.Integer(), fingerprint: Type.String() })),
})
export type Manifest = Static<typeof bodySchema>

/** The file that makes a folder a backup. */
export const manifestName = 'manifest.json'

export const fileNameOf = (table: Pick<BackupTable, 'name'>) => `${table.name}.zst`
export const fileOf = (folder: string, table: Pick<BackupTable, 'name'>) => join(folder, fileNameOf(table))
export const lastMigrationOf = ({ migrations }: Manifest) => migrations.at(-1) ?? ''
export const sumOf = (manifest: Manifest, what: 'rows' | 'bytes' | 'storedBytes') =>
  manifest.tables.reduce((sum, table) => sum + table[what], 0)

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const file = await open(join(folder, manifestName), 'wx', 0o600)
  try {
    await file.writeFile(JSON.stringify({ ...manifest, digest: digestOf(manifest) }, null, 1))
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Reads the manifest, and checks that it is unchanged and that every file is there in its full length. */
export async function readManifest(folder: string): Promise<Manifest> {
  const manifest = await readManifestAlone(folder)
  await assertFiles(folder, manifest)
  return manifest
}

/** Reads the manifest, and checks that it is unchanged. */
export async function readManifestAlone(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, manifestName), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `${folder} 不是备份:没有 ${manifestName}(${error.code})。\n${folder} is no backup: it has no ${manifestName} (${error.code}).`,
    )
  })
  const { digest, ...manifest } = parsed(text) ?? {}
  if (!Value.Check(bodySchema, manifest) || digest !== digestOf(manifest))
    throw new Error(
      `${folder} 的 ${manifestName} 损坏或不是这个版本认识的格式。\nThe ${manifestName} of ${folder} is damaged, or of a form that this version does not know.`,
    )
  return manifest
}

export async function assertFiles(folder: string, manifest: Manifest): Promise<void> {
  for (const table of manifest.tables) {
    const file = fileOf(folder, table)
    const found = await stat(file).catch(() => undefined)
    if (found?.size !== table.storedBytes)
      throw new Error(
        `${file} 应有 ${table.storedBytes} 字节,实有 ${found?.size ?? 0}。\n${file} should have ${table.storedBytes} bytes and has ${found?.size ?? 0}.`,
      )
  }
}

const digestOf = (manifest: Manifest) => createHash('sha256').update(JSON.stringify(manifest)).digest('hex')

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
