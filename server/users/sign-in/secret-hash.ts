import { createHash, randomBytes } from 'node:crypto'

/** Returns the stored form of a key or link. No salt is needed, because these secrets are long and random. */
export const secretHash = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** Makes the secret of a link: long and random, and without signs that an address would change. */
export const newSecret = (): string => randomBytes(24).toString('base64url')
