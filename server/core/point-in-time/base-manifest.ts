import { createHash } from 'node:crypto'
import Type, { type Static } from 'typebox'
import Value from 'typebox/value'

const bodySchema = Type.Object({
  format: Type.Literal(1),
  /** Identifies the database: its log fits no other. */
  systemId: Type.String({ pattern: '^\\d+$' }),
  /** The database's time at the end: every later second can be restored from here. */
  endedAt: Type.String(),
  timeline: Type.Integer({ minimum: 1 }),
  /** Positions of the log; a restore needs it from the first one on. */
  startsAt: Type.String({ pattern: '^[0-9A-F]+/[0-9A-F]+$' }),
  endsAt: Type.String({ pattern: '^[0-9A-F]+/[0-9A-F]+$' }),
  version: Type.String(),
  serverVersion: Type.String(),
  bytes: Type.Integer({ minimum: 0 }),
  storedBytes: Type.Integer({ minimum: 0 }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
})
/** 基础备份: a copy of the database's files, from which the log goes on. */
export type BaseManifest = Static<typeof bodySchema>

export const baseFileName = 'base.tar.zst'
/** The file that makes a folder a base backup. */
export const baseManifestName = 'base.json'
export const baseName = /^base-\d{8}-\d{6}$/

export const writtenBase = (manifest: BaseManifest): string =>
  JSON.stringify({ ...manifest, digest: digestOf(manifest) }, null, 1)

/** Returns undefined if the text is damaged, or of a form that this version does not know. */
export function readBase(text: string): BaseManifest | undefined {
  try {
    const { digest, ...manifest } = JSON.parse(text)
    return Value.Check(bodySchema, manifest) && digest === digestOf(manifest) ? manifest : undefined
  } catch {
    return undefined
  }
}

const digestOf = (manifest: BaseManifest) =>
  createHash('sha256').update(JSON.stringify(manifest)).digest('hex')
