import assert from 'node:assert/strict'
import type { RefundItem } from '../connectors/connector.ts'
import type { Window } from '../connectors/lists.ts'
import { callShop, type OpenedShop } from '../shops/calls.ts'

/** Returns the first page of the refunds that a platform with numbered pages lists, newest first. */
export async function listedRefunds(shop: OpenedShop, window: Window): Promise<RefundItem[]> {
  const { items } = await callShop(shop, ({ refunds: { changed } }, call) => {
    assert.ok(changed.paging === 'numbered')
    return changed.page(call, window, { number: 1, size: 50, mode: 'rows' })
  })
  return items
}
