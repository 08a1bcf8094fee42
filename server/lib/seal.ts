import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sharedMs } from './clock.ts'
import { StartError } from './stopping.ts'

/**
 * The bytes of a sealed value: format (1), key number (1), nonce (12), ciphertext, tag (16). The cipher is AES-256-GCM with the shop as
 * additional data: SQL can copy the bytes between tables, but they cannot be opened for another shop.
 */
const format = 1
const headerLength = 14
const tagLength = 16

type Key = { number: number; seal: Buffer; hash: Buffer }

/**
 * The keys of an installation. The current key seals and hashes; every key opens and finds values. A process has one ring, which
 * `watchKeyFile` changes.
 */
export type KeyRing = { current: Key; byNumber: Map<number, Key> }

/**
 * `usedFrom`: before this time a key only opens and finds values, so that every process has the key when the first value is sealed with it.
 */
export type KeyFile = { keys: { number: number; seal: string; hash: string; usedFrom?: string }[] }

/**
 * Reads the key file, or creates it (mode 0600) if it does not exist. Two processes that start at once use the same file. Throws a
 * `StartError` if the path cannot be read or written, or the file is incomplete.
 */
export async function loadKeyRing(path: string): Promise<KeyRing> {
  return toRing(parseKeyFile(await keyText(path).catch(refusedPlace(path)), path))
}

async function keyText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(async (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const first: KeyFile = { keys: [newKey(1)] }
    await writeFile(path, JSON.stringify(first, null, 2), { mode: 0o600, flag: 'wx' }).catch(
      (race: NodeJS.ErrnoException) => {
        if (race.code !== 'EEXIST') throw race
      },
    )
    return readFile(path, 'utf8')
  })
}

/** Errors that last until a person removes their cause. After any other error the start is repeated. */
const lastingCodes = /^(EACCES|EPERM|EROFS|EISDIR|ENOTDIR|ELOOP)$/

const refusedPlace = (path: string) => (error: NodeJS.ErrnoException) => {
  if (!lastingCodes.test(error.code ?? '')) throw error
  throw new StartError(
    `密钥文件 ${path} 读不了或建不了（${error.code}）。请查它和所在文件夹的权限。\n` +
      `The key file ${path} cannot be read or made (${error.code}). Look at its rights and its folder's.`,
  )
}

/** Returns a fingerprint of each key, which identifies the key and reveals nothing of it. */
export function fingerprintsOf(ring: KeyRing): [number: number, fingerprint: string][] {
  return [...ring.byNumber.values()].map(({ number, seal: sealing, hash: hashing }) => {
    const print = createHmac('sha256', Buffer.concat([sealing, hashing])).update(
      'fingerprint of a sealing key',
    )
    return [number, print.digest('hex').slice(0, 32)]
  })
}

/** Makes a ring in memory, for tests and benchmarks. */
export function memoryKeyRing(): KeyRing {
  return toRing({ keys: [newKey(1)] })
}

/** Seals a text for one shop. Takes about 5 µs for 300 bytes. */
export function seal(ring: KeyRing, shopId: string, plain: string | Uint8Array): Buffer {
  const nonce = randomNonce()
  const cipher = createCipheriv('aes-256-gcm', readyKey(ring.current).seal, nonce)
  cipher.setAAD(Buffer.from(shopId))
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain)
  cipher.final()
  return Buffer.concat([Buffer.from([format, ring.current.number]), nonce, body, cipher.getAuthTag()])
}

/** Opens a sealed value. Throws if the bytes were changed, were sealed for another shop, or their key is not in the ring. */
export function unseal(ring: KeyRing, shopId: string, sealed: Uint8Array): Buffer {
  const key = ring.byNumber.get(sealed[1] ?? 0)
  if (sealed[0] !== format || !key)
    throw new Error('This sealed value names a key that is not in the key file.')
  const decipher = createDecipheriv('aes-256-gcm', readyKey(key).seal, sealed.subarray(2, headerLength))
  decipher.setAAD(Buffer.from(shopId))
  decipher.setAuthTag(sealed.subarray(sealed.length - tagLength))
  const body = decipher.update(sealed.subarray(headerLength, sealed.length - tagLength))
  return Buffer.concat([body, decipher.final()])
}

/** Returns the hash under which a value is stored: 32 bits, with a key, so that a copy of the table does not reveal values. */
export function searchHash(ring: KeyRing, kind: string, value: string): number {
  return hashWith(ring.current, kind, value)
}

/** Returns every hash under which a value may be stored, the current key's first. A search uses all of them. */
export function searchHashes(ring: KeyRing, kind: string, value: string): number[] {
  const others = [...ring.byNumber.values()].filter((key) => key !== ring.current)
  return [ring.current, ...others].map((key) => hashWith(key, kind, value))
}

/**
 * Returns 32 bits of a SHA-256 of key and text, which takes 1 µs; HMAC takes 3. HMAC prevents that a known digest is extended, which needs
 * the whole digest; here 224 bits of it are discarded.
 */
function hashWith(key: Key, kind: string, value: string): number {
  const digest = hash('sha256', `${readyKey(key).hash}${kind}\0${value}`, 'hex')
  return Number.parseInt(digest.slice(0, 8), 16)
}

/** A key in the form of the cipher functions. Passing its bytes for each value takes four times as long. */
type ReadyKey = { seal: KeyObject; hash: string }
const readyKeys = new WeakMap<Key, ReadyKey>()

function readyKey(key: Key): ReadyKey {
  const known = readyKeys.get(key)
  if (known) return known
  const ready = { seal: createSecretKey(key.seal), hash: key.hash.toString('hex') }
  readyKeys.set(key, ready)
  return ready
}

// A call for random bytes takes longer than the cipher, so nonces are cut from a block. Each byte is used once.
let pool = Buffer.alloc(0)
let used = 0
function randomNonce(): Buffer {
  if (used + 12 > pool.length) {
    pool = randomBytes(12 * 512)
    used = 0
  }
  used += 12
  return pool.subarray(used - 12, used)
}

export function newKey(number: number): KeyFile['keys'][number] {
  return { number, seal: randomBytes(32).toString('base64'), hash: randomBytes(32).toString('base64') }
}

/** Parses a key file. Throws if the text is incomplete. The error names the line and quotes nothing, because it may be logged. */
export function parseKeyFile(text: string, path: string): KeyFile {
  const parsed = parsedJson(text)
  if ('brokenAt' in parsed) throw notWhole(path, `(第 ${parsed.brokenAt} 行)`, `(line ${parsed.brokenAt})`)
  if (!isKeyFile(parsed.value))
    throw notWhole(
      path,
      '(应为 {"keys":[{"number","seal","hash"}]})',
      '(not of the form {"keys":[{"number","seal","hash"}]})',
    )
  const { keys } = parsed.value
  if (new Set(keys.map((key) => key.number)).size < keys.length)
    throw notWhole(path, '(有两把同号的密钥)', '(two keys have one number)')
  return parsed.value
}

function parsedJson(text: string): { value: unknown } | { brokenAt: number } {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    // The parser's message quotes the text, so only the position is read from it. Without a position the end of the text is missing.
    const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined
    return { brokenAt: text.slice(0, Number(position ?? text.length)).split('\n').length }
  }
}

function notWhole(path: string, zh: string, en: string): StartError {
  return new StartError(
    `密钥文件 ${path} 不完整${zh}。用备份的那一份替换。\nThe key file ${path} is not whole ${en}. Put the copy that you kept in its place.`,
  )
}

function isKeyFile(value: unknown): value is KeyFile {
  return (
    typeof value === 'object' &&
    value !== null &&
    'keys' in value &&
    Array.isArray(value.keys) &&
    value.keys.length > 0 &&
    value.keys.every(isKey)
  )
}

function isKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (!('number' in value) || !('seal' in value) || !('hash' in value)) return false
  const { number, seal: sealing, hash: hashing } = value
  const isBytes = (text: unknown) => typeof text === 'string' && Buffer.from(text, 'base64').length === 32
  const isNumber = Number.isInteger(number) && Number(number) >= 1 && Number(number) <= 255
  const from = 'usedFrom' in value ? value.usedFrom : undefined
  return (
    isNumber &&
    isBytes(sealing) &&
    isBytes(hashing) &&
    (from === undefined || !Number.isNaN(Date.parse(String(from))))
  )
}

/** Returns the ring at a given time. The newest key that may be used then is the current one. */
export function toRing(file: KeyFile, now = sharedMs()): KeyRing {
  const keys = file.keys.toSorted((a, b) => a.number - b.number)
  const used = keys.filter((key) => key.usedFrom === undefined || Date.parse(key.usedFrom) <= now)
  const current = used.at(-1) ?? keys[0]
  const byNumber = new Map(keys.map((key) => [key.number, toKey(key)]))
  const currentKey = byNumber.get(current?.number ?? 0)
  if (!currentKey) throw new Error('The key file is empty.')
  return { current: currentKey, byNumber }
}

function toKey(key: KeyFile['keys'][number]): Key {
  return {
    number: key.number,
    seal: Buffer.from(key.seal, 'base64'),
    hash: Buffer.from(key.hash, 'base64'),
  }
}
