import { type Body, BodyError, defined, number, record, text } from './json-body.ts'
import type { Person } from './world/people.ts'
import type { RefundSpec } from './world/refund.ts'
import type { LineSpec, TradeSpec } from './world/trade.ts'

export function readTradeSpec(body: Body): TradeSpec {
  return defined<TradeSpec>({
    tid: text(body, 'tid'),
    type: text(body, 'type'),
    status: text(body, 'status'),
    created: number(body, 'created'),
    paid: number(body, 'paid'),
    modified: number(body, 'modified'),
    stepStatus: text(body, 'stepStatus'),
    hold: text(body, 'hold'),
    couriers: text(body, 'couriers')?.split(','),
    toDoor: body['toDoor'] === undefined ? undefined : body['toDoor'] === true,
    message: text(body, 'message'),
    memo: text(body, 'memo'),
    flag: number(body, 'flag'),
    postFee: number(body, 'postFee'),
    payment: number(body, 'payment'),
    lines: readLines(body['lines']),
    receiver: body['receiver'] === undefined ? undefined : readPerson(record(body['receiver'], 'receiver')),
    garbage: body['garbage'] === undefined ? undefined : readGarbage(record(body['garbage'], 'garbage')),
  })
}

export function readPerson(body: Body): Partial<Person> {
  return defined<Person>({
    name: text(body, 'name'),
    mobile: text(body, 'mobile'),
    nick: text(body, 'nick'),
    openUid: text(body, 'openUid'),
    state: text(body, 'state'),
    city: text(body, 'city'),
    district: text(body, 'district'),
    town: text(body, 'town'),
    address: text(body, 'address'),
    zip: text(body, 'zip'),
    tail: text(body, 'tail'),
  })
}

export function readRefundSpec(body: Body): RefundSpec {
  return defined<RefundSpec>({
    kind: text(body, 'kind'),
    fee: number(body, 'fee'),
    num: number(body, 'num'),
    reason: text(body, 'reason'),
    description: text(body, 'description'),
    constraint: text(body, 'constraint'),
    deadlineIn: number(body, 'deadlineIn'),
    created: number(body, 'created'),
  })
}

/** Reads the fields of a malicious trade: raw JSON by field name; null leaves the field out. */
export function readGarbage(body: Body): Record<string, string | null> {
  const garbage: Record<string, string | null> = {}
  for (const [name, value] of Object.entries(body)) {
    if (typeof value !== 'string' && value !== null)
      throw new BodyError(`garbage.${name} must be raw JSON in a text, or null`)
    garbage[name] = value
  }
  return garbage
}

function readLines(value: unknown): number | LineSpec[] | undefined {
  if (value === undefined || typeof value === 'number') return value
  if (!Array.isArray(value)) throw new BodyError('lines must be a number or a list')
  return value.map((item) => {
    const line = record(item, 'a line')
    return defined<LineSpec>({
      numIid: text(line, 'numIid'),
      skuId: text(line, 'skuId'),
      outerId: text(line, 'outerId'),
      num: number(line, 'num'),
      price: number(line, 'price'),
      status: text(line, 'status'),
      refundStatus: text(line, 'refundStatus'),
    })
  })
}
