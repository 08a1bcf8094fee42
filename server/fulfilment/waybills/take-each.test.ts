import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ParcelAsked, TakenWaybill } from '../../carriers/carrier.ts'
import { LabelRefused } from '../../carriers/label-refused.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { takeEach, takeSingly } from './take-each.ts'

const parcels = ['a', 'bad', 'c', 'd'].map((key) => ({ key }) as ParcelAsked)
const ban = new PlatformError('retry', 'rate_limited', 'Banned for an hour.')
const silence = new PlatformError('retry', 'unreachable', 'Silent.', { unclear: true })

/** A source that refuses `bad`, and fails with `error` at the parcel `at`. */
const sourceFailing = (at: string, error: Error) => async (some: readonly ParcelAsked[]) => {
  const keys = some.map(({ key }) => key)
  if (keys.includes('bad')) throw new PlatformError('rejected', 'ORDER_STATUS', 'It was shipped.')
  if (keys.includes(at)) throw error
  return keys.map((key) => ({ key, waybillNo: `YT-${key}` }) as TakenWaybill)
}
const said = ({ taken, refused }: Awaited<ReturnType<typeof takeEach>>) => [
  taken.map(({ waybillNo }) => waybillNo),
  refused.map(({ key, code }) => `${key} ${code}`),
]

test('a number that came is kept when a later call of the same action fails', async () => {
  assert.deepEqual(said(await takeEach(parcels, sourceFailing('d', ban), 'look_up')), [
    ['YT-a', 'YT-c'],
    ['bad ORDER_STATUS', 'd rate_limited'],
  ])
  assert.deepEqual(said(await takeEach(parcels, sourceFailing('c', silence), 'neither')), [
    ['YT-a'],
    ['bad ORDER_STATUS', 'c unreachable', 'd unreachable'],
  ])
})

test('after silence a source that gives its numbers again is asked again as a whole', async () => {
  await assert.rejects(takeEach(parcels, sourceFailing('c', silence), 'look_up'), silence)
})

test('only the parcel whose answer did not come may have a number that nobody has', async () => {
  const { refused } = await takeEach(parcels, sourceFailing('c', silence), 'neither')
  assert.deepEqual(
    refused.map(({ key, silent }) => [key, silent]),
    [
      ['bad', false],
      ['c', true],
      ['d', false],
    ],
  )
})

test('without a number in hand the failure is that of the action', async () => {
  await assert.rejects(takeEach(parcels, sourceFailing('a', ban), 'look_up'), ban)
  await assert.rejects(takeEach(parcels.slice(2), sourceFailing('c', ban), 'neither'), ban)
})

test('one by one all are asked at once; a refusal is that of its parcel, and a silence is repeated once', async () => {
  const asked: string[] = []
  const silentOnce = async ([parcel]: readonly ParcelAsked[]) => {
    const key = parcel?.key ?? ''
    asked.push(key)
    if (key === 'bad') throw new PlatformError('rejected', 'ORDER_STATUS', 'It was shipped.')
    if (key === 'c' && asked.filter((one) => one === key).length === 1) throw silence
    return [{ key, waybillNo: `YT-${key}` } as TakenWaybill]
  }
  assert.deepEqual(said(await takeSingly(parcels, silentOnce)), [
    ['YT-a', 'YT-d', 'YT-c'],
    ['bad ORDER_STATUS'],
  ])
  assert.deepEqual(asked, ['a', 'bad', 'c', 'd', 'c'])
})

test('one by one, a silence that stays and any other failure are those of all', async () => {
  let calls = 0
  const failing = (at: string, error: Error) => (some: readonly ParcelAsked[]) => {
    calls += 1
    return sourceFailing(at, error)(some)
  }
  await assert.rejects(takeSingly(parcels, failing('c', silence)), silence)
  assert.equal(calls, 5)
  await assert.rejects(takeSingly(parcels, failing('c', ban)), { code: 'rate_limited', unclear: true })
  assert.equal(calls, 9)
  await assert.rejects(takeSingly(parcels.slice(2, 3), failing('c', silence)), silence)
  assert.equal(calls, 10)
})

const ended = new PlatformError('reauthorise', 'expired', 'The token ended.')

test('a source that gives its numbers again loses none to a failure after a refused call', async () => {
  for (const error of [ban, ended, silence])
    await assert.rejects(takeEach(parcels, sourceFailing('d', error), 'same_number'), {
      ...{ kind: error.kind, code: error.code, unclear: true },
    })
  for (const error of [ban, ended])
    await assert.rejects(takeEach(parcels.slice(3), sourceFailing('d', error), 'same_number'), error)
})

test('a parcel that has no answer for long does not keep the numbers of the others', async () => {
  const stubborn = ([...some]: readonly ParcelAsked[]) => sourceFailing('c', silence)(some)
  const good = parcels.filter(({ key }) => key !== 'bad')
  await assert.rejects(takeEach(good, stubborn, 'same_number'), silence)
  const tired = { isPatient: false }
  for (const take of [takeEach(good, stubborn, 'same_number', tired), takeSingly(good, stubborn, tired)]) {
    const { taken, refused } = await take
    assert.deepEqual(
      taken.map(({ key }) => key),
      ['a', 'd'],
    )
    assert.deepEqual(refused, [{ key: 'c', code: 'unreachable', message: 'Silent.', silent: true }])
  }
  await assert.rejects(takeEach(parcels.slice(2, 3), stubborn, 'same_number', tired), silence)
  await assert.rejects(takeEach(good, stubborn, 'look_up', tired), silence)
})

test('nor does one for which the source answers again and again with a failure of its own', async () => {
  const fault = new PlatformError('retry', '500', 'The service failed.')
  const faulty = (some: readonly ParcelAsked[]) => sourceFailing('c', fault)(some)
  await assert.rejects(takeSingly(parcels, faulty), { code: '500', unclear: true })
  const tired = { isPatient: false }
  assert.deepEqual(said(await takeSingly(parcels, faulty, tired)), [
    ['YT-a', 'YT-d'],
    ['bad ORDER_STATUS', 'c 500'],
  ])
  const { refused } = await takeSingly(parcels, faulty, tired)
  assert.deepEqual(
    refused.map(({ silent }) => silent),
    [false, false],
  )
  await assert.rejects(takeSingly(parcels.slice(2, 3), faulty, tired), fault)
  const banned = (some: readonly ParcelAsked[]) => sourceFailing('c', ended)(some)
  await assert.rejects(takeSingly(parcels, banned, tired), { code: 'expired', unclear: true })
})

test('a label that is refused is asked for again, and at the end it is refused with its number; the others have theirs', async () => {
  const given = { waybillNo: 'YT-c', packageNos: [], courierOrder: '' }
  const refusal = new LabelRefused(new PlatformError('rejected', '4020', 'No label.'), given)
  const good = parcels.filter(({ key }) => key !== 'bad')
  const refusing = (some: readonly ParcelAsked[]) => sourceFailing('c', refusal)(some)
  for (const take of [takeEach(good, refusing, 'same_number'), takeSingly(good, refusing)])
    await assert.rejects(take, { code: '4020', unclear: true })
  const ending = { isPatient: true, endsLabels: true }
  for (const take of [takeEach(good, refusing, 'same_number', ending), takeSingly(good, refusing, ending)]) {
    const { taken, refused } = await take
    assert.deepEqual(
      taken.map(({ key }) => key),
      ['a', 'd'],
    )
    assert.deepEqual(refused, [{ key: 'c', code: '4020', message: 'No label.', silent: false, given }])
  }
  const alone = await takeEach(parcels.slice(2, 3), refusing, 'same_number', ending)
  assert.deepEqual(
    alone.refused.map((one) => one.given),
    [given],
  )
})
