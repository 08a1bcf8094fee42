export type Proof = { type: 'image/jpeg'; base64: string }

/** The longest base64 text of a picture, in characters, that the server accepts. */
const mostLetters = 180_000
const sides = [1600, 1200, 900, 640]

/** Makes a photo small enough to send. Throws if the file is not a picture. */
export async function readProof(file: File): Promise<Proof> {
  const picture = await createImageBitmap(file)
  for (const side of sides) {
    const base64 = drawn(picture, Math.min(1, side / Math.max(picture.width, picture.height)))
    if (base64.length <= mostLetters) return { type: 'image/jpeg', base64 }
  }
  throw new Error('The picture stays too large.')
}

function drawn(picture: ImageBitmap, scale: number): string {
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(picture.width * scale)
  canvas.height = Math.round(picture.height * scale)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('No canvas.')
  context.fillStyle = '#fff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(picture, 0, 0, canvas.width, canvas.height)
  return canvas.toDataURL('image/jpeg', 0.8).split(',')[1] ?? ''
}
