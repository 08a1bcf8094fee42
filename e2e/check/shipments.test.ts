import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LineBook, ShopBooks } from './books.ts'
import { type Difference, notebook } from './differences.ts'
import { checkShipments, type OurShipment } from './shipments.ts'

// Each rule is violated on purpose, in books and rows made here, to prove that the checker finds it.

/** A trade of one line, of which the checker reads the number and how often our program shipped it. */
function found(
  line: Pick<LineBook, 'waybill' | 'shipments'>,
  ours: readonly Partial<OurShipment>[],
): string[] {
  const trade = { tid: '7', lines: [{ oid: '71', ...line }] }
  const books = { trades: new Map([['7', trade]]) }
  const differences: Difference[] = []
  checkShipments(
    notebook('店', differences),
    // The other fields of the books are not read here.
    books as unknown as ShopBooks,
    ours.map((one) => ({ shop: '店', tids: ['7'], waybill: 'SF1', shown: '', told: true, ...one })),
  )
  return differences.map(({ rule }) => rule)
}

test('a parcel that both sides know under the same number differs in nothing, nor one that another client shipped', () => {
  assert.deepEqual(found({ waybill: 'SF1', shipments: 1 }, [{}]), [])
  assert.deepEqual(found({ waybill: 'ZT1', shipments: 0 }, []), [])
  assert.deepEqual(found({ waybill: '', shipments: 0 }, [{ told: false }]), [])
})

test('a line that was shipped twice, one under another number, and one that the platform lacks are found', () => {
  assert.deepEqual(found({ waybill: 'SF1', shipments: 2 }, [{}]), ['a line is shipped once on the platform'])
  const rule = 'what the platform shipped left us, under the number that the platform has'
  assert.deepEqual(found({ waybill: 'SF2', shipments: 1 }, [{}]), [rule])
  assert.deepEqual(found({ waybill: 'SF1', shipments: 1 }, []), [rule])
  assert.deepEqual(found({ waybill: '', shipments: 0 }, [{}]), [
    'what we call written back the platform shipped',
  ])
})

test('a parcel whose change of its waybill is on its way is known to the platform by the former number', () => {
  const changing = { waybill: 'SF2', shown: 'SF1', told: false }
  assert.deepEqual(found({ waybill: 'SF1', shipments: 1 }, [changing]), [])
  assert.deepEqual(found({ waybill: 'SF2', shipments: 1 }, [changing]), [
    'what the platform shipped left us, under the number that the platform has',
  ])
})
