/** Returns the type of a picture by its first bytes, because its name and declared type may be wrong; undefined for any other format. */
export function pictureType(bytes: Uint8Array): 'image/jpeg' | 'image/png' | 'image/gif' | undefined {
  const begins = (...first: readonly number[]) => first.every((byte, at) => bytes[at] === byte)
  if (begins(0xff, 0xd8, 0xff)) return 'image/jpeg'
  if (begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png'
  if (begins(0x47, 0x49, 0x46, 0x38)) return 'image/gif'
  return undefined
}
