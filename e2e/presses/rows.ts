import { sql } from 'kysely'
import type { Seeded } from './press.ts'

// Returns where a row is shown, and what became of it.

export const listed =
  (path: string) =>
  ({ id }: Seeded) =>
    `${path}?tab=all&ids=${id}`
export const opened =
  (path: string) =>
  ({ id }: Seeded) =>
    `${path}?tab=all&open=${id}`
/** Buttons in an open document. */
export const here = { where: 'drawer' } as const

export const is =
  (table: string, column: string) =>
  ({ id }: Seeded) =>
    sql<{ is: unknown }>`select ${sql.ref(column)} as is from ${sql.table(table)} where id = ${id}`
export const gone =
  (table: string) =>
  ({ id }: Seeded) =>
    sql<{ is: unknown }>`select count(*)::int as is from ${sql.table(table)} where id = ${id}`

/** Returns a function that makes unique numbers: `prefix` and `digits` digits. */
export function numbers(prefix: string, digits: number): () => string {
  let made = 0
  return () => {
    made += 1
    return `${prefix}${String(made).padStart(digits, '0')}`
  }
}

/** Fills a dialog that asks for a reason. */
export const reason = async (dialog: {
  getByRole(role: 'textbox'): { fill(text: string): Promise<void> }
}): Promise<void> => dialog.getByRole('textbox').fill('核对过')

/** Fills the form of an extra refund. */
export const compensation = async (dialog: {
  getByLabel(label: string): { fill(text: string): Promise<void> }
}): Promise<void> => {
  await dialog.getByLabel('金额 ¥').fill('1')
  await dialog.getByLabel('原因').fill('补偿')
}

export const aReceiver = {
  name: '李小龙',
  mobile: '13911112222',
  province: '广东省',
  city: '佛山市',
  address: '一路 1 号',
}
