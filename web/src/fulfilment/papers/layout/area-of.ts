import { isRecord } from '../../../../../server/lib/json.ts'

export type Printed = { contents: readonly unknown[] }

/** The deliveries for which this label may have a custom area of ours; undefined: it has none, or one of the platform's. */
export function areaOf({ contents: [, over] }: Printed): string[] | undefined {
  const ids = isRecord(over) ? over['areaOf'] : undefined
  return Array.isArray(ids) ? ids.map(String) : undefined
}
