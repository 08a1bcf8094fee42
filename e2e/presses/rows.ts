import { sql } from 'kysely'
import type { Seeded } from './press.ts'

// Where a row that was made for a press is shown, and what became of it.

export const listed =
  (path: string) =>
  ({ id }: Seeded) =>
    `${path}?tab=all&ids=${id}`
export const opened =
  (path: string) =>
  ({ id }: Seeded) =>
    `${path}?tab=all&open=${id}`
/** The buttons of a document that is open. */
export const here = { where: 'drawer' } as const

export const is =
  (table: string, column: string) =>
  ({ id }: Seeded) =>
    sql<{ is: unknown }>`select ${sql.ref(column)} as is from ${sql.table(table)} where id = ${id}`
export const gone =
  (table: string) =>
  ({ id }: Seeded) =>
    sql<{ is: unknown }>`select count(*)::int as is from ${sql.table(table)} where id = ${id}`

/** A number that nothing has yet: `prefix`, and so many digits. */
export function numbers(prefix: string, digits: number): () => string {
  let made = 0
  return () => {
    made += 1
    return `${prefix}${String(made).padStart(digits, '0')}`
  }
}

/** A dialog that asks why. */
export const reason = async (dialog: {
  getByRole(role: 'textbox'): { fill(text: string): Promise<void> }
}): Promise<void> => dialog.getByRole('textbox').fill('核对过')

export const aReceiver = {
  name: '李小龙',
  mobile: '13911112222',
  province: '广东省',
  city: '佛山市',
  address: '一路 1 号',
}
