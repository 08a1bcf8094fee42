import type { Client } from 'pg'
import type { ShopBooks } from './books.ts'
import type { Difference } from './differences.ts'

/** Buyers' full names, phones and addresses, which must never be stored unsealed. */
export type Needles = { names: Set<string>; phones: Set<string>; addresses: Set<string> }

/** Long enough that no product title contains it by chance. */
const addressHead = 9

export function needlesOf(shops: readonly ShopBooks[]): Needles {
  const needles: Needles = { names: new Set(), phones: new Set(), addresses: new Set() }
  for (const { trades } of shops) {
    for (const { receiver } of trades.values()) {
      if (receiver.name.length >= 3) needles.names.add(receiver.name)
      needles.phones.add(receiver.mobile)
      if (receiver.address.length >= addressHead)
        needles.addresses.add(receiver.address.slice(0, addressHead))
    }
  }
  return needles
}

/** Searches every text column of every table. Sealed columns are bytes and are not searched. */
export async function checkTables(client: Client, needles: Needles, all: Difference[]): Promise<number> {
  const columns = await client.query<{ table: string; column: string }>(`
    select c.table_name as table, c.column_name as column
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = current_schema() and t.table_type = 'BASE TABLE' and c.data_type in ('text', 'jsonb', 'json', 'character varying', 'ARRAY')
    order by 1, 2`)
  let read = 0
  for (const { table, column } of columns.rows) {
    const found = await client.query<{ text: string }>(
      `select distinct ${client.escapeIdentifier(column)}::text as text from ${client.escapeIdentifier(table)} where ${client.escapeIdentifier(column)} is not null`,
    )
    for (const { text } of found.rows) {
      read += text.length
      for (const hit of hits(text, needles)) note(all, `${table}.${column}`, hit, text)
    }
  }
  return read
}

export function checkLog(name: string, text: string, needles: Needles, all: Difference[]): void {
  for (const line of text.split('\n')) for (const hit of hits(line, needles)) note(all, name, hit, line)
}

function note(all: Difference[], place: string, hit: string, text: string): void {
  all.push({
    shop: '',
    rule: 'no personal data in clear',
    id: place,
    expected: null,
    found: `${hit} in ${text.slice(0, 200)}`,
  })
}

function* hits(text: string, { names, phones, addresses }: Needles): Generator<string> {
  for (const [phone] of text.matchAll(/(?<!\d)1[3-9]\d{9}(?!\d)/g)) if (phones.has(phone)) yield phone
  if (!/[\u4e00-\u9fff]{3}/.test(text)) return
  for (let at = 0; at + 3 <= text.length; at += 1) {
    const three = text.slice(at, at + 3)
    if (names.has(three)) yield three
    const four = text.slice(at, at + 4)
    if (four.length === 4 && names.has(four)) yield four
    const head = text.slice(at, at + addressHead)
    if (addresses.has(head)) yield head
  }
}
