import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { failureOf } from '../../connectors/conformance/checks.ts'
import type { Call } from '../../connectors/connector.ts'
import type {
  Branch,
  ParcelAsked,
  Sender,
  TakenWaybill,
  TakeRequest,
  WaybillService,
  WaybillSource,
} from '../carrier.ts'
import { insuranceOf, toDoorOf } from '../services-contract.ts'

/** The simulator of one source, as the tests of the suite need it. */
export type LabelService = {
  call(): Call
  /** The seller's user id on the platform. */
  sellerId: string
  /** Makes parcels for which a number may be taken: paid trades with masked receivers, or for a source of plain ones, orders without any. */
  parcels(count: number): Promise<ParcelAsked[]>
  /** Makes a parcel of a trade with cash on delivery; undefined: the platform has none. */
  cashOnDelivery?: () => Promise<ParcelAsked>
  /** Returns every number that the source has given so far, with its request and whether the number was given back. */
  given(): { key: string; waybillNo: string; cancelled: boolean; weight: string; services: string }[]
  /** Makes the next call of `take` give the numbers and lose its answer on the way. */
  loseAnswer(): Promise<void>
  setBalance(courier: string, balance: number): void
  /** The sender of an account, if the source says nothing of its accounts. */
  sender?: Sender
  /** The courier that gets the weight of a parcel; undefined: all do. */
  weighedBy?: string
  /** True: parcels are refused one by one, and the others of the call have their numbers. */
  refusesSingly?: true
  /** True: no seller designs custom areas for its labels. */
  hasNoAreas?: true
}

/** Tests one source of waybill numbers against its simulator, which treats a repeated request as `mode` says. */
export function conformance(
  source: WaybillSource,
  open: () => LabelService,
  mode: WaybillSource['unclear'],
): void {
  describe(`${source.id}, a source of waybill numbers, whose service is of the kind ${mode}`, () => {
    numbers(source, open)
    courierServices(source, open)
    if (source.givesPackages) packages(source, open, mode)
    if (source.service) serviceOf({ ...source, service: source.service }, open)
    if (source.platforms.length === 0) plainReceivers(source, open)
    unclearAnswers(source, open, mode)
  })
}

/** A courier of which every source has numbers. */
const courier = 'YTO'

type WithService = WaybillSource & { service: WaybillService }

function serviceOf(source: WithService, open: () => LabelService): void {
  const { service: offers } = source
  it('names its branches with balance and addresses, and labels for each courier', async () => {
    const { call } = open()
    const branch = await branchOf(offers, call())
    assert.ok(branch.branchCode !== '' && branch.branchName !== '')
    assert.ok((branch.balance ?? 0) > 0)
    assert.ok(branch.addresses.every(({ province, detail }) => province !== '' && detail !== ''))
    const labels = await offers.templates(call())
    assert.ok(labels.some((label) => label.courier === courier && label.url.startsWith('http')))
  })

  it('refuses a sender whose address no branch has', async () => {
    const service = open()
    const request = await requestOf(source, service, 1)
    const sender = { ...request.sender, address: { ...request.sender.address, detail: '别处 1 号' } }
    assert.equal((await failureOf(source.take(service.call(), { ...request, sender }))).kind, 'rejected')
  })

  it('names the custom areas of a label with their keys, and none of a label that it does not know', async () => {
    const { call, hasNoAreas } = open()
    const label = (await offers.templates(call())).find((one) => one.courier === courier)
    if (hasNoAreas) return assert.deepEqual(await offers.customAreas(call(), label?.url ?? ''), [])
    const [area = assert.fail(), ...others] = await offers.customAreas(call(), label?.url ?? '')
    assert.ok(area.url.startsWith('http') && area.id !== '')
    assert.ok(area.keys.length > 2 && area.keys.every((key) => /^\w+$/.test(key)))
    assert.deepEqual(others, [])
    assert.deepEqual(await offers.customAreas(call(), `${label?.url}/9`), [])
  })

  it('counts a number that was given back once, however often it is given back', async () => {
    const service = open()
    const request = await requestOf(source, service, 1)
    const [one = assert.fail()] = await source.take(service.call(), request)
    const before = await branchOf(offers, service.call())
    for (let time = 0; time < 2; time += 1) await source.giveBack(service.call(), asGiven(one))
    const after = await branchOf(offers, service.call())
    assert.equal(after.balance, (before.balance ?? 0) + 1)
    assert.deepEqual([after.used, after.returned], [before.used, before.returned + 1])
  })
}

function plainReceivers(source: WaybillSource, open: () => LabelService): void {
  it('gives requests of one key for two receivers two numbers, as two installations send them', async () => {
    const service = open()
    const request = await requestOf(source, service, 1)
    const parcels = request.parcels.map((parcel) => ({
      ...parcel,
      receiver: { ...parcel.receiver, name: '李二' },
    }))
    const first = await source.take(service.call(), request)
    const other = await source.take(service.call(), { ...request, parcels })
    const again = await source.take(service.call(), request)
    assert.notEqual(other[0]?.waybillNo, first[0]?.waybillNo)
    assert.equal(again[0]?.waybillNo, first[0]?.waybillNo)
  })

  it('refuses a masked receiver, and gives no number then', async () => {
    const service = open()
    const request = await requestOf(source, service, 1)
    const parcels = request.parcels.map((parcel) => ({
      ...parcel,
      receiver: { ...parcel.receiver, name: '王**', mobile: '138****1234' },
    }))
    const error = await failureOf(source.take(service.call(), { ...request, parcels }))
    assert.deepEqual([error.kind, error.code, error.unclear], ['rejected', 'masked_receiver', false])
    assert.deepEqual(numbersOf(service, request), [])
  })
}

function numbers(source: WaybillSource, open: () => LabelService): void {
  it('gives each parcel of a call a number of its own, with the data of its label', async () => {
    const service = open()
    const request = await requestOf(source, service, source.mostParcels)
    const taken = await source.take(service.call(), request)
    assert.deepEqual(taken.map(({ key }) => key).toSorted(), request.parcels.map(({ key }) => key).toSorted())
    assert.equal(new Set(taken.map(({ waybillNo }) => waybillNo)).size, source.mostParcels)
    assert.ok(taken.every(({ printData }) => printData.length > 50))
  })

  it('is told the weight of a parcel, and nothing of one whose weight is not known', async () => {
    const service = open()
    const request = await requestOf(source, service, 2, service.weighedBy)
    const parcels = request.parcels.map((parcel, at) => ({ ...parcel, weightG: at === 0 ? 1250 : null }))
    await takeAll(source, service, { ...request, parcels })
    const given = service.given().slice(-2)
    assert.deepEqual(
      given.map(({ weight, services }) => [weight, services]),
      [
        ['1250', ''],
        ['', ''],
      ],
    )
  })

  it('is told what the courier collects, to the cent, and refuses another amount', async (t) => {
    const service = open()
    const parcel = await service.cashOnDelivery?.()
    if (!parcel) return t.skip('the platform has no cash on delivery')
    const request = { ...(await requestOf(source, service, 0)), parcels: [parcel] }
    for (const codFen of [null, (parcel.codFen ?? 0) + 1]) {
      const wrong: TakeRequest = { ...request, parcels: [{ ...parcel, codFen }] }
      assert.equal((await failureOf(source.take(service.call(), wrong))).kind, 'rejected')
    }
    assert.equal((await source.take(service.call(), request)).length, 1)
    const yuan = ((parcel.codFen ?? 0) / 100).toFixed(2)
    assert.deepEqual(JSON.parse(service.given().at(-1)?.services ?? ''), { 'SVC-COD': { value: yuan } })
  })

  it('refuses more parcels than one call takes, and gives no number then', async () => {
    const service = open()
    const request = await requestOf(source, service, source.mostParcels + 1)
    const error = await failureOf(source.take(service.call(), request))
    assert.deepEqual([error.kind, error.unclear], ['rejected', false])
    assert.deepEqual(numbersOf(service, request), [])
  })

  it('refuses a call without balance, and gives none of its parcels a number', async () => {
    const service = open()
    const request = await requestOf(source, service, Math.min(2, source.mostParcels))
    service.setBalance(courier, request.parcels.length - 1)
    const error = await failureOf(source.take(service.call(), request))
    service.setBalance(courier, 1000)
    assert.deepEqual([error.kind, error.unclear], ['rejected', false])
    const given = numbersOf(service, request)
    assert.equal(given.length, service.refusesSingly ? request.parcels.length - 1 : 0)
    if (!service.refusesSingly) return
    const [first = assert.fail()] = await source.take(service.call(), {
      ...request,
      parcels: request.parcels.slice(0, 1),
    })
    assert.deepEqual([[first.waybillNo], numbersOf(service, request)], [given, given])
  })
}

function courierServices(source: WaybillSource, open: () => LabelService): void {
  const asking = async (service: LabelService, more: Partial<ParcelAsked>): Promise<TakeRequest> => {
    const request = await requestOf(source, service, 1)
    return { ...request, parcels: request.parcels.map((parcel) => ({ ...parcel, ...more })) }
  }

  it('is told for how much a parcel is insured, and refuses more than the courier insures', async () => {
    const service = open()
    const asked = await asking(service, { insuredFen: 123_450 })
    if (source.service && insuranceOf(asked.services) === '') return refusedService(source, service, asked)
    const tooMuch = await failureOf(
      source.take(service.call(), await asking(service, { insuredFen: 3_000_000 })),
    )
    assert.deepEqual([tooMuch.kind, tooMuch.unclear], ['rejected', false])
    const request = await asking(service, { insuredFen: 123_450 })
    await source.take(service.call(), request)
    const { services = '' } = service.given().at(-1) ?? {}
    if (source.service)
      assert.deepEqual(JSON.parse(services), { [insuranceOf(request.services)]: { value: '1234.50' } })
    else assert.equal(services, '1234.50')
  })

  it('is told that a parcel must come to the door, if it can be', async () => {
    const service = open()
    const request = await asking(service, { toDoor: true })
    if (source.service && toDoorOf(request.services) !== '') {
      await source.take(service.call(), request)
      assert.deepEqual(JSON.parse(service.given().at(-1)?.services ?? ''), {
        [toDoorOf(request.services)]: {},
      })
    } else await refusedService(source, service, request)
  })

  it('refuses a service that the courier does not have, and gives no number then', async () => {
    const service = open()
    const request = await asking(service, { toDoor: true })
    await refusedService(source, service, { ...request, services: [] })
    const other = { ...request, services: [{ code: 'SVC-OTHER', name: '送货上门' }] }
    assert.equal((await failureOf(source.take(service.call(), other))).kind, 'rejected')
    assert.deepEqual(numbersOf(service, other), [])
  })
}

/** A courier with sub-waybills, of which every source has numbers. */
const ofPackages = 'SF'

function packages(source: WaybillSource, open: () => LabelService, mode: WaybillSource['unclear']): void {
  const asking = async (service: LabelService, count: number, of = ofPackages): Promise<TakeRequest> => {
    const request = await requestOf(source, service, 1, of)
    return { ...request, parcels: request.parcels.map((parcel) => ({ ...parcel, packages: count })) }
  }

  it('gives each of several packages a number and a label of its own, under one main number', async () => {
    const service = open()
    const request = await asking(service, 3)
    const [one = assert.fail(), ...others] = await source.take(service.call(), request)
    assert.deepEqual([others, one.key, one.packages.length], [[], request.parcels[0]?.key, 3])
    const nos = one.packages.map(({ waybillNo }) => waybillNo)
    assert.equal(new Set(nos).size, 3)
    assert.deepEqual(numbersOf(service, request).toSorted(), [...new Set([one.waybillNo, ...nos])].toSorted())
    assert.equal(new Set(one.packages.map(({ printData }) => printData)).size, 3)
    assert.equal(one.printData, one.packages[0]?.printData)
    const [single = assert.fail()] = await source.take(service.call(), await asking(service, 1))
    assert.deepEqual(single.packages, [])
  })

  it('refuses several packages with a courier that has no sub-waybills, and gives no number then', async () => {
    const service = open()
    const request = await asking(service, 2, courier)
    const { kind, unclear } = await failureOf(source.take(service.call(), request))
    assert.deepEqual([kind, unclear], ['rejected', false])
    assert.deepEqual(numbersOf(service, request), [])
  })

  it('clears an unclear answer for several packages in the way that it declares', async () => {
    const service = open()
    const request = await asking(service, 3)
    await service.loseAnswer()
    assert.equal((await failureOf(source.take(service.call(), request))).unclear, true)
    const lost = numbersOf(service, request)
    const found =
      source.unclear === 'look_up'
        ? await source.lookUp?.(service.call(), request)
        : await source.take(service.call(), request)
    const [one = assert.fail()] = found ?? []
    const same = source.unclear === 'look_up' || mode === 'same_number'
    assert.equal(one.packages.length, 3)
    assert.equal(
      one.packages.every(({ waybillNo }) => lost.includes(waybillNo)),
      same,
    )
    assert.equal(numbersOf(service, request).length, lost.length * (same ? 1 : 2))
  })

  it('takes back all packages, however often it is asked', async () => {
    const service = open()
    const request = await asking(service, 3)
    const [one = assert.fail()] = await source.take(service.call(), request)
    const packageNos = one.packages.map(({ waybillNo }) => waybillNo)
    for (let time = 0; time < 2; time += 1)
      await source.giveBack(service.call(), { ...one, courier: ofPackages, packageNos })
    const given = service.given().filter(({ key }) => key === one.key)
    assert.deepEqual([given.length, given.filter(({ cancelled }) => cancelled).length], [3, 3])
  })
}

async function refusedService(source: WaybillSource, service: LabelService, request: TakeRequest) {
  const { kind, code, unclear } = await failureOf(source.take(service.call(), request))
  assert.deepEqual([kind, code, unclear], ['rejected', 'no_service', false])
  assert.deepEqual(numbersOf(service, request), [])
}

function unclearAnswers(
  source: WaybillSource,
  open: () => LabelService,
  mode: WaybillSource['unclear'],
): void {
  it('is unclear when its answer is lost, and can be cleared in the way that it declares', async () => {
    const service = open()
    const count = Math.min(3, source.mostParcels)
    const request = await requestOf(source, service, count)
    await service.loseAnswer()
    assert.equal((await failureOf(source.take(service.call(), request))).unclear, true)
    const lost = numbersOf(service, request)
    assert.equal(lost.length, count)
    const found =
      source.unclear === 'look_up'
        ? await source.lookUp?.(service.call(), request)
        : await source.take(service.call(), request)
    const same = source.unclear === 'look_up' || mode === 'same_number'
    assert.equal(found?.length, count)
    assert.equal(
      found?.every(({ waybillNo }) => lost.includes(waybillNo)),
      same,
    )
    assert.equal(numbersOf(service, request).length, same ? count : 2 * count)
  })

  it('takes a number back once, however often it is asked', async () => {
    const service = open()
    const request = await requestOf(source, service, 1)
    const [one = assert.fail()] = await source.take(service.call(), request)
    for (let time = 0; time < 2; time += 1) await source.giveBack(service.call(), asGiven(one))
    const { cancelled } = service.given().find(({ waybillNo }) => waybillNo === one.waybillNo) ?? {}
    assert.equal(cancelled, true)
    assert.deepEqual(await source.lookUp?.(service.call(), request), source.lookUp && [])
  })

  it('refuses to take back a number that it did not give', async () => {
    const service = open()
    const unknown = { courier, waybillNo: 'YT0000000000000', courierOrder: '', packageNos: [] }
    const error = await failureOf(source.giveBack(service.call(), unknown))
    assert.equal(error.kind, 'rejected')
  })
}

const asGiven = ({ waybillNo, courierOrder }: TakenWaybill) => ({
  ...{ courier, waybillNo, courierOrder, packageNos: [] },
})

const numbersOf = (service: LabelService, { parcels }: TakeRequest): string[] =>
  service
    .given()
    .flatMap(({ key, waybillNo }) => (parcels.some((parcel) => parcel.key === key) ? [waybillNo] : []))

async function takeAll(source: WaybillSource, service: LabelService, request: TakeRequest): Promise<void> {
  for (let at = 0; at < request.parcels.length; at += source.mostParcels) {
    const parcels = request.parcels.slice(at, at + source.mostParcels)
    await source.take(service.call(), { ...request, parcels })
  }
}

async function branchOf(service: WaybillService, call: Call, of = courier): Promise<Branch> {
  const all = await service.branches(call)
  return all.find((branch) => branch.courier === of) ?? assert.fail(`no branch of ${of}`)
}

async function requestOf(
  source: WaybillSource,
  service: LabelService,
  count: number,
  of = courier,
): Promise<TakeRequest> {
  const parcels = await service.parcels(count)
  const { sellerId, sender: typed } = service
  if (!source.service)
    return {
      ...{ courier: of, branchCode: '', sender: typed ?? assert.fail(), templateUrl: '', sellerId, parcels },
      services: source.ownServices ?? [],
    }
  const from = await fromBranch(source.service, service.call(), of)
  const label = (await source.service.templates(service.call())).find((one) => one.courier === of)
  return { ...from, templateUrl: label?.url ?? '', sellerId, parcels }
}

/** What a request says of the courier's branch, with a sender at the first of its addresses. */
export async function fromBranch(service: WaybillService, call: Call, of = courier) {
  const { branchCode, services, addresses } = await branchOf(service, call, of)
  const [address = assert.fail('no address')] = addresses
  const sender: Sender = { name: '发货员', mobile: '13900001111', phone: '', address }
  return { courier: of, branchCode, services, sender }
}
