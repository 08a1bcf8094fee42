import { areaOf, type Printed } from './papers/layout/area-of.ts'

/** Lays the custom areas of our templates over these labels. The templates are loaded only where a label may have one. */
export async function laidOver<Document extends Printed>(
  documents: readonly Document[],
): Promise<Document[]> {
  if (documents.every((one) => areaOf(one) === undefined)) return [...documents]
  const { withAreas } = await import('./papers/label-areas.ts')
  return withAreas(documents)
}
