import { createHash } from 'node:crypto'

/** The stored form of a key or link that is as long as it is random. */
export const secretHash = (secret: string): Buffer => createHash('sha256').update(secret).digest()
