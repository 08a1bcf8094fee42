import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Deed } from './books.ts'
import { type Difference, notebook } from './differences.ts'
import { checkNumbers, type GivenNumber, type OurNumber } from './numbers.ts'

// Each rule is violated on purpose, in books and rows made here, to prove that the checker finds it.

const given = (changes: Partial<GivenNumber> = {}): GivenNumber => ({
  ...{ waybill: 'SF1', parent: '', key: 'd7_1', cancelled: false },
  ...changes,
})
const ours = (changes: Partial<OurNumber> = {}): OurNumber => ({
  ...{ shop: '店', source: 'cainiao', key: 'd7_1', state: 'taken', waybill: 'SF1', packages: [] },
  ...{ sends: 1, backs: 0, live: ['FH1'] },
  ...changes,
})
const cancelled: Deed = {
  ...{ shop: '店', action: 'waybill_cancel', key: 'SF1', at: 0, accepted: true },
  detail: {},
}

function found(
  theirs: readonly GivenNumber[],
  rows: readonly OurNumber[],
  { source = 'cainiao', deeds = [] }: { source?: string; deeds?: readonly Deed[] } = {},
): string[] {
  const differences: Difference[] = []
  checkNumbers(notebook('店', differences), source, { given: theirs, ours: rows, deeds })
  return differences.map(({ rule }) => rule)
}

test('numbers that agree with their source differ in nothing, also of several packages and given back once', () => {
  assert.deepEqual(found([given()], [ours()]), [])
  const two = [given({ parent: 'SF1' }), given({ waybill: 'SF2', parent: 'SF1' })]
  assert.deepEqual(found(two, [ours({ packages: ['SF1', 'SF2'] })]), [])
  const main = [given({ waybill: 'K1', parent: 'K0' }), given({ waybill: 'K2', parent: 'K0' })]
  assert.deepEqual(found(main, [ours({ waybill: 'K0', packages: ['K1', 'K2'] })]), [])
  const back = ours({ state: 'returned', backs: 1, live: [] })
  assert.deepEqual(found([given({ cancelled: true })], [back], { deeds: [cancelled] }), [])
})

test('a number that a source gave and we lack is found, unless the source is one whose surplus is counted and it was asked twice', () => {
  const rule = 'a number that a source gave is with us, or is named as surplus'
  const two = [given(), given({ waybill: 'SF2' })]
  assert.deepEqual(found(two, [ours({ sends: 2 })]), [rule])
  assert.deepEqual(found(two, [ours({ sends: 1 })], { source: 'pinduoduo' }), [rule])
  assert.deepEqual(found(two, [ours({ sends: 2 })], { source: 'pinduoduo' }), [])
})

test('a number of ours that no source gave, and one that it gave twice, are found', () => {
  assert.deepEqual(found([], [ours()]), ['a number of ours is one that its source gave'])
  assert.deepEqual(found([given(), given()], [ours()]), ['a source gives a number once'])
})

test('a number that went to another request than that which asked for it is found', () => {
  assert.deepEqual(found([given({ key: 'd8_1' })], [ours()]), [
    'a number belongs to the request that asked for it',
  ])
  // 快递100 keeps no key of ours.
  assert.deepEqual(found([given({ key: '' })], [ours()]), [])
})

test('a number that the source has back and we call ours is found, and the other way round', () => {
  const rule = 'what we call given back the source has back, and nothing else'
  assert.deepEqual(found([given({ cancelled: true })], [ours({ live: [] })]), [rule])
  assert.deepEqual(found([given()], [ours({ state: 'returned', live: [] })]), [rule])
  assert.deepEqual(found([given()], [ours({ state: 'kept', live: [] })]), [])
  assert.deepEqual(found([given({ cancelled: true })], [ours({ state: 'returned' })]), [
    'a delivery has no number that its source has back',
  ])
})

test('a number that went back more often than it was sent back is found', () => {
  const rows = [ours({ state: 'returned', backs: 1, live: [] })]
  assert.deepEqual(found([given({ cancelled: true })], rows, { deeds: [cancelled, cancelled] }), [
    'nothing is given back more often than it was sent',
  ])
})
