import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowsOf } from './handouts.ts'

const parcel = {
  ...{ id: '7', tid: 'A1', courier: 'SF', waybillNo: 'SF1001', shippedAt: new Date('2026-11-24T04:00:00Z') },
  lines: [
    { oid: 'A1-1', code: 'BED-1', title: '四件套', spec: '雾蓝', quantity: 2 },
    { oid: 'A1-2', code: 'PIL-1', title: '枕头', spec: '', quantity: 1 },
  ],
}
const columns = (...fields: ('tid' | 'waybillNo' | 'goods' | 'pieces' | 'oid' | 'code' | 'quantity')[]) =>
  fields.map((field) => ({ field, title: field }))

test('a parcel has one row, or one for each of its goods where a column is about these', () => {
  assert.deepEqual(rowsOf(columns('tid', 'waybillNo', 'goods', 'pieces'), [parcel]), [
    ['A1', 'SF1001', '四件套 雾蓝 × 2；枕头 × 1', 3],
  ])
  assert.deepEqual(rowsOf(columns('waybillNo', 'code', 'quantity'), [parcel]), [
    ['SF1001', 'BED-1', 2],
    ['SF1001', 'PIL-1', 1],
  ])
})

test('a parcel whose goods were all paid back after it left keeps its row', () => {
  const paidBack = { ...parcel, lines: [] }
  assert.deepEqual(rowsOf(columns('tid', 'waybillNo', 'pieces'), [paidBack]), [['A1', 'SF1001', 0]])
  assert.deepEqual(rowsOf(columns('waybillNo', 'code', 'quantity'), [paidBack]), [['SF1001', '', 0]])
})

test('a line has the number that the channel gave it, without that of its trade before it', () => {
  const lines = ['A1-1', 'A1__3', '7001_2'].map((oid) => ({
    ...{ oid, code: 'BED-1', title: '四件套', spec: '', quantity: 1 },
  }))
  assert.deepEqual(rowsOf(columns('tid', 'oid'), [{ ...parcel, lines }]), [
    ['A1', 'A1-1'],
    ['A1', '3'],
    ['A1', '7001_2'],
  ])
})
