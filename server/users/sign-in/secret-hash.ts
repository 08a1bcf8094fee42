import { createHash } from 'node:crypto'

/** Returns the stored form of a key or link. No salt is needed, because these secrets are long and random. */
export const secretHash = (secret: string): Buffer => createHash('sha256').update(secret).digest()
