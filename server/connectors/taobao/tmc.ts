/**
 * The frames of TMC (消息服务), Taobao's websocket: binary, little endian. The layout is that of the client tmc.js 0.3.64. Not tried on the
 * real platform: the type of the status code, and whether `timestamp` of a login is text or a number.
 */
export const frameTypes = { connect: 0, connectAck: 1, send: 2, sendAck: 3 } as const
/** `__kind` of a frame of the type `send`. That data has the kind 0 is not verified, so every frame with an id counts as data. */
export const kinds = { data: 0, pull: 1, confirm: 2 } as const

const version = 2
const headers = { end: 0, custom: 1, statusCode: 2, statusPhrase: 3, flag: 4, token: 5 } as const
const types = { void: 0, text: 1, byte: 2, int16: 3, int32: 4, int64: 5, date: 6, bytes: 7 } as const

/** A number is written as int64, `byte` as one byte. */
type TmcValue = string | bigint | { byte: number }
export type TmcFrame = {
  type: number
  /** 0: no status. */
  status: number
  phrase: string
  token: string
  /** All values as text; bytes are left out. */
  fields: ReadonlyMap<string, string>
}

export function writeFrame(
  type: number,
  fields: Readonly<Record<string, TmcValue>>,
  token = '',
): Buffer<ArrayBuffer> {
  const parts: Buffer[] = [Buffer.from([version, type])]
  if (token !== '') parts.push(int16(headers.token), counted(token))
  for (const [key, value] of Object.entries(fields))
    parts.push(int16(headers.custom), counted(key), ...typed(value))
  parts.push(int16(headers.end))
  return Buffer.concat(parts)
}

function typed(value: TmcValue): Buffer[] {
  if (typeof value === 'string') return [Buffer.from([types.text]), counted(value)]
  if (typeof value === 'object') return [Buffer.from([types.byte, value.byte])]
  const number = Buffer.alloc(8)
  number.writeBigInt64LE(value)
  return [Buffer.from([types.int64]), number]
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16LE(value)
  return bytes
}

/** A CountedString: its length in bytes as int32, then UTF-8. */
function counted(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  const length = Buffer.alloc(4)
  length.writeInt32LE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** Returns undefined for bytes that are no whole frame. */
export function readFrame(bytes: Uint8Array): TmcFrame | undefined {
  try {
    return parseFrame(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function parseFrame(bytes: Buffer): TmcFrame {
  const at = { bytes, place: 2 }
  if (bytes.readUInt8(0) !== version) throw new RangeError('Another version.')
  const frame = { type: bytes.readUInt8(1), status: 0, phrase: '', token: '' }
  const fields = new Map<string, string>()
  for (;;) {
    const header = readInt(at, 2)
    if (header === headers.end) return { ...frame, fields }
    if (header === headers.custom) {
      const key = readText(at)
      const value = readValue(at)
      if (value !== undefined) fields.set(key, value)
    } else if (header === headers.statusCode) frame.status = readInt(at, 4)
    else if (header === headers.statusPhrase) frame.phrase = readText(at)
    else if (header === headers.flag) readInt(at, 4)
    else if (header === headers.token) frame.token = readText(at)
    else throw new RangeError('An unknown header.')
  }
}

type Reader = { bytes: Buffer; place: number }

function readInt(at: Reader, size: 1 | 2 | 4): number {
  const value = at.bytes.readIntLE(at.place, size)
  at.place += size
  return value
}

function readBytes(at: Reader): Buffer {
  const length = readInt(at, 4)
  if (length < 0 || at.place + length > at.bytes.length) throw new RangeError('A length beyond the frame.')
  at.place += length
  return at.bytes.subarray(at.place - length, at.place)
}

const readText = (at: Reader): string => readBytes(at).toString('utf8')

function readValue(at: Reader): string | undefined {
  const type = readInt(at, 1)
  if (type === types.void) return ''
  if (type === types.text) return readText(at)
  if (type === types.byte) return String(readInt(at, 1))
  if (type === types.int16) return String(readInt(at, 2))
  if (type === types.int32) return String(readInt(at, 4))
  if (type === types.int64 || type === types.date) {
    const value = at.bytes.readBigInt64LE(at.place)
    at.place += 8
    return String(value)
  }
  if (type !== types.bytes) throw new RangeError('An unknown type.')
  readBytes(at)
  return undefined
}
