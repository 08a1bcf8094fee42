import { base64Of, smallPicture } from '../../ui/form/small-picture.ts'

export type Proof = { type: 'image/jpeg'; base64: string }

/** `mostLetters`: what the server accepts. */
const limits = { type: 'image/jpeg', sides: [1600, 1200, 900, 640], mostLetters: 180_000 } as const

/** Makes a photo small enough to send. Throws if the file is not a picture. */
export const readProof = async (file: File): Promise<Proof> => ({
  type: limits.type,
  base64: base64Of(await smallPicture(file, limits)),
})
