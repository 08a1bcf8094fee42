import { inflateRawSync } from 'node:zlib'

/** An archive may have at most this many entries; a malicious file could have very many. */
const entriesMax = 2000

/** A large file is unpacked in pieces of this size, which takes half the time of the 16 kB that zlib takes by itself. */
const chunkBytes = 1_000_000

type Entry = { offset: number; packed: number; method: number }

/** Reads files of a zip archive, at most `bytesMax` unpacked in total. Throws if the bytes are not a plain zip archive. */
export function unzip(bytes: Buffer, bytesMax: number): { text(name: string): string | undefined } {
  const entries = directory(bytes)
  let left = bytesMax
  return {
    text(name) {
      const entry = entries.get(name)
      if (!entry) return undefined
      const start =
        entry.offset + 30 + bytes.readUInt16LE(entry.offset + 26) + bytes.readUInt16LE(entry.offset + 28)
      const packed = bytes.subarray(start, start + entry.packed)
      // The archive may state wrong sizes, so unpacking stops at the limit.
      const content =
        entry.method === 0
          ? packed
          : inflateRawSync(packed, { maxOutputLength: Math.max(left, 1), chunkSize: chunkBytes })
      left -= content.length
      if (left < 0) throw new RangeError('The archive holds too much.')
      return content.toString('utf8')
    },
  }
}

function directory(bytes: Buffer): Map<string, Entry> {
  const end = bytes.lastIndexOf(Buffer.from('504b0506', 'hex'))
  if (end < 0 || end + 22 > bytes.length) throw new RangeError('No zip archive.')
  const count = bytes.readUInt16LE(end + 10)
  if (count > entriesMax) throw new RangeError('The archive holds too many files.')
  const entries = new Map<string, Entry>()
  let at = bytes.readUInt32LE(end + 16)
  for (let n = 0; n < count; n += 1) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) throw new RangeError('A damaged zip archive.')
    const encrypted = (bytes.readUInt16LE(at + 8) & 1) === 1
    const method = bytes.readUInt16LE(at + 10)
    const nameLength = bytes.readUInt16LE(at + 28)
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength)
    if (encrypted || (method !== 0 && method !== 8))
      throw new RangeError('An encrypted or unusual zip archive.')
    entries.set(name, { offset: bytes.readUInt32LE(at + 42), packed: bytes.readUInt32LE(at + 20), method })
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return entries
}
