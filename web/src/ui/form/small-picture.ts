type Limits = { type: 'image/jpeg' | 'image/png'; sides: readonly number[]; mostLetters: number }

/**
 * Returns the data address of a picture that was made small enough. `sides`: the longest sides in pixels to be tried; `mostLetters`: the
 * longest base64 text. Throws if the file is not a picture, or stays too large.
 */
export async function smallPicture(file: File, { type, sides, mostLetters }: Limits): Promise<string> {
  const picture = await createImageBitmap(file)
  for (const side of sides) {
    const url = drawn(picture, Math.min(1, side / Math.max(picture.width, picture.height)), type)
    if (base64Of(url).length <= mostLetters) return url
  }
  throw new Error('The picture stays too large.')
}

export const base64Of = (url: string): string => url.split(',')[1] ?? ''

function drawn(picture: ImageBitmap, scale: number, type: Limits['type']): string {
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(picture.width * scale))
  canvas.height = Math.max(1, Math.round(picture.height * scale))
  const context = canvas.getContext('2d')
  if (!context) throw new Error('No canvas.')
  context.fillStyle = '#fff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(picture, 0, 0, canvas.width, canvas.height)
  return canvas.toDataURL(type, 0.8)
}
