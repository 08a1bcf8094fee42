import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { connectors } from '../connectors/index.ts'
import type { Database } from '../core/db/db.ts'
import { queueTrades } from '../intake/downloads/queue-queries.ts'
import { aRefund, stage, stageRefunds } from '../intake/testing.ts'
import { parkItems } from '../intake/trades/ingest.ts'
import { buyerSearchKeys, monthlessPhoneKey, receiverHashes } from '../lib/people.ts'
import { computingReports } from '../reports/task.ts'
import type { Caller } from '../testing/app.ts'
import { aBuyer, type Buyer, type FullTrades, fullTrades } from '../testing/privacy/full-trades.ts'
import { aRun } from '../testing/run.ts'
import { wrongInTheBooks } from '../testing/stock.ts'
import { notPersonal } from './columns.ts'
import { eraseNext } from './erase-batch.ts'
import { eraseOpen } from './loop.ts'
import { endingAlone, followers, type Place, places } from './places.ts'

const ouyang = aBuyer('ouyang_jin_1987', '欧阳锦绣', '13987650123', '古墩路 987 号听涛居 5 幢')
const shangguan = aBuyer('shangguan_li_22', '上官丽华', '13655540199', '文三路 654 号望湖阁')

type Column = { table: string; column: string; type: string }

async function columnsOf(db: Database): Promise<Column[]> {
  const found = await sql<Column>`
    select c.relname as "table", a.attname as "column", format_type(a.atttypid, null) as type
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = current_schema() and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
    order by 1, 2`.execute(db)
  return found.rows
}

/** Everything of a buyer that lies anywhere: a text in clear, as text or bytes, one of the sealed values, or one of the keyed hashes. */
async function traces(
  db: Database,
  of: { texts: string[]; seals: Buffer[]; keys: number[] },
): Promise<string[]> {
  const found: string[] = []
  for (const { table, column, type } of await columnsOf(db)) {
    const value = sql.ref(column)
    const conditions =
      type === 'bytea'
        ? [
            sql`${value} = any(${of.seals}::bytea[])`,
            ...of.texts.map((text) => sql`position(convert_to(${text}, 'UTF8') in ${value}) > 0`),
          ]
        : /^(text|character|json)/.test(type)
          ? of.texts.map((text) => sql`position(${text} in ${value}::text) > 0`)
          : type === 'bigint' || type === 'integer'
            ? [sql`${value} = any(${of.keys}::bigint[])`]
            : type === 'bigint[]'
              ? [sql`${value} && ${of.keys}::bigint[]`]
              : []
    for (const condition of conditions) {
      const hit = await sql`select from ${sql.table(table)} where ${condition} limit 1`.execute(db)
      if (hit.rows.length > 0) found.push(`${table}.${column}`)
    }
  }
  return [...new Set(found)]
}

/** What the scan looks for: texts, and every sealed value and keyed hash of the buyer that the tables have now. */
async function evidenceOf({ db, ring, shops }: FullTrades, buyer: Buyer, tids: string[]) {
  const shopIds = shops.map(({ shopId }) => shopId)
  const { nick, receiver, memo, message } = buyer
  const texts = [nick, receiver.name, receiver.mobile, receiver.address, '听涛居', memo, message]
  const seals = await sql<{ is: Buffer }>`
    select personal as is from staged_trade where tid = any(${tids})
    union all select personal from sales_order where tid = any(${tids})
    union all select personal from staged_refund where tid = any(${tids})
    union all select sealed from raw_payload where platform_id = any(${tids})
    union all select sealed from parked_item where platform_id = any(${tids})
    union all select sealed from mall_document where tid = any(${tids})
    union all select w.print_data from waybill w join delivery d on d.id = w.delivery_id where d.tid = any(${tids})
    union all select p.print_data from waybill_package p join waybill w on w.id = p.waybill_id join delivery d on d.id = w.delivery_id where d.tid = any(${tids})`.execute(
    db,
  )
  const keys = [
    ...buyerSearchKeys(ring, 'nick', nick),
    ...buyerSearchKeys(ring, 'mobile', receiver.mobile),
    ...buyerSearchKeys(ring, 'mobileTail', receiver.mobile.slice(-4)),
    ...buyerSearchKeys(ring, 'name', receiver.name),
    monthlessPhoneKey(ring, receiver.mobile),
    ...shopIds.flatMap((shopId) => receiverHashes(ring, receiver, { shopId, nick })),
  ]
  return { texts, seals: seals.rows.map(({ is }) => is), keys }
}

const touched = (place: Place) => [
  ...Object.keys(place.set ?? {}),
  ...(place.cut ?? []),
  ...(place.deleted ?? []),
]
/** Tables whose rows an erasure makes, or that a request leaves behind; `report_due` names days that are computed again. */
const own = [
  'report_due',
  'erasure',
  'erased_trade',
  'audit_log',
  'reveal_count',
  'idempotency_key',
  'job',
  'user_session',
  'sales_order_person',
  'staged_trade_person',
]
/** Tables of which rows are deleted whole. */
const deleting = new Set(places.filter(({ deleted }) => deleted).map(({ table }) => String(table)))

/** Every value of every table without the personal columns: numbers, goods, amounts, times, the books. */
async function theRest(db: Database): Promise<Map<string, string>> {
  const personal = new Set(
    places.flatMap((place) => touched(place).map((column) => `${place.table}.${column}`)),
  )
  const byTable = Map.groupBy(await columnsOf(db), ({ table }) => table)
  const rest = new Map<string, string>()
  for (const [table, columns] of byTable) {
    if (own.includes(table) || deleting.has(table)) continue
    const kept = columns.filter(({ column }) => !personal.has(`${table}.${column}`))
    const row = sql`concat_ws('|', ${sql.join(kept.map(({ column }) => sql`${sql.ref(column)}::text`))})`
    const { rows } = await sql<{ is: string }>`
      select count(*) || ' ' || coalesce(md5(string_agg(${row}, E'\n' order by ${row})), '') as is from ${sql.table(table)}`.execute(
      db,
    )
    rest.set(table, rows[0]?.is ?? '')
  }
  return rest
}

/** Every row of the other buyer, in all the places. */
async function rowsOf(db: Database, { orderId, tid }: { orderId: string; tid: string }) {
  const all = await Promise.all(
    [
      sql`select * from staged_trade where tid = ${tid}`,
      sql`select * from sales_order where tid = ${tid}`,
      sql`select * from staged_refund where tid = ${tid}`,
      sql`select * from raw_payload where platform_id = ${tid}`,
      sql`select * from parked_item where platform_id = ${tid}`,
      sql`select * from mall_document where tid = ${tid} order by number`,
      sql`select * from order_hold where order_id = ${orderId}`,
      sql`select * from order_event where order_id = ${orderId} order by id`,
      sql`select * from order_difference where order_id = ${orderId}`,
      sql`select * from extra_refund where order_id = ${orderId}`,
      sql`select * from unclaimed_parcel where no = ${`U${orderId}`}`,
      sql`select * from blacklist_entry where order_id = ${orderId}`,
      sql`select * from platform_action where subject_id = ${orderId}`,
      sql`select w.* from waybill w join delivery d on d.id = w.delivery_id where d.order_id = ${orderId}`,
      sql`select p.* from sales_order_person p where p.id = ${orderId} order by key`,
      sql`select * from bill_line where tid = ${tid}`,
    ].map((query) => query.execute(db)),
  )
  return all.map(({ rows }) => rows)
}

const find = async (caller: Caller, q: string, more: object = {}) =>
  caller.call('POST', '/api/privacy/find', { q, ...more })
const erase = async (caller: Caller, q: string, trades: number, more: object = {}) =>
  caller.call('POST', '/api/privacy/erasures', { q, trades, ...more })

test('of an erased buyer nothing is found in any table, of another buyer everything, and the books are equal', async () => {
  await using house = await fullTrades()
  const { db, ring } = house
  const mine = [await house.lived(ouyang, 0), await house.lived(ouyang, 0), await house.lived(ouyang, 1)]
  const other = await house.lived(shangguan, 0)
  const caller = await house.as(['privacy.erase'])
  const clerk = await house.as(['orders.blacklist', 'orders.read'])
  for (const { orderId } of [...mine, other]) {
    const listed = await clerk.call('POST', '/api/orders/blacklist', {
      ids: [orderId],
      by: ['phone', 'nick'],
      reason: '退货太多',
    })
    assert.equal(listed.status, 200, JSON.stringify(listed.body))
  }
  await sql`
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, error, created_by)
    select d.shop_id, 'waybill.take', 'waybill', w.id, 'numbers of ' || w.id, '{}', 'failed', ${`收件人 ${ouyang.receiver.name} 不在派送范围`}, '{}'
    from waybill w join delivery d on d.id = w.delivery_id where d.tid = any(${mine.map(({ tid }) => tid)})`.execute(
    db,
  )
  const evidence = await evidenceOf(
    house,
    ouyang,
    mine.map(({ tid }) => tid),
  )
  const before = await traces(db, evidence)
  for (const place of [
    'sales_order.personal',
    'sales_order.people',
    'sales_order.receiver_hash',
    'sales_order_person.key',
    'staged_trade_person.key',
    'raw_payload.sealed',
    'order_hold.note',
    'order_event.detail',
    'extra_refund.reason',
    'platform_action.error',
    'unclaimed_parcel.phone_key',
    'blacklist_entry.keys',
    'waybill.print_data',
    'bill_line.note',
  ])
    assert.ok(before.includes(place), `${place} of ${before.join(' ')}`)
  await computingReports.run(aRun(db, {}), undefined)
  const books = await theRest(db)
  const others = await rowsOf(db, other)

  const shown = await find(caller, ouyang.receiver.mobile)
  assert.equal(shown.status, 200, JSON.stringify(shown.body))
  assert.deepEqual(Object(shown.body), {
    trades: 3,
    erased: 0,
    counts: { orders: 3, refunds: 3, returns: 0, deliveries: 3 },
    buyers: Object(shown.body).buyers,
    open: [],
  })
  const made = await erase(caller, ouyang.receiver.mobile, 3)
  assert.equal(made.status, 202, JSON.stringify(made.body))
  await eraseOpen(db, ring)
  await computingReports.run(aRun(db, {}), undefined)

  assert.deepEqual(await traces(db, evidence), [])
  assert.deepEqual(await theRest(db), books)
  assert.deepEqual(await rowsOf(db, other), others)
  assert.deepEqual(await wrongInTheBooks(db), [])
  const list = await caller.call('GET', '/api/privacy/erasures')
  const [erasure] = Object(list.body).rows
  assert.deepEqual([erasure.trades, erasure.done, erasure.by, erasure.endedAt !== null], [3, 3, '林晓', true])
  assert.equal(Object((await find(caller, ouyang.nick)).body).trades, 0)
  const audited = await sql<{ action: string; detail: object }>`
    select action, detail from audit_log where action like 'privacy.%' order by id`.execute(db)
  assert.deepEqual(audited.rows, [
    { action: 'privacy.find', detail: { trades: 3 } },
    { action: 'privacy.erase', detail: { trades: 3 } },
    { action: 'privacy.find', detail: { trades: 0 } },
  ])
})

test('every column that could hold personal data is declared, as a place or as none', async () => {
  await using house = await fullTrades()
  const jobTables = /^(job|queue|bam|schedule|subscription|instance|version|archive|warning)(_|$)/
  const inDatabase = (await columnsOf(house.db))
    .filter(({ table }) => !jobTables.test(table))
    .filter(
      ({ column, type }) =>
        /^(text|character|json|bytea|bigint\[\])/.test(type) ||
        (/^(integer|bigint)$/.test(type) && /hash|key/.test(column)),
    )
    .map(({ table, column }) => `${table}.${column}`)
  const placed = places.flatMap((place) => touched(place).map((column) => `${place.table}.${column}`))
  const none = Object.entries(notPersonal).flatMap(([table, columns]) =>
    columns.split(' ').map((column) => `${table}.${column}`),
  )
  const declared = [...new Set([...placed, ...none, ...Object.keys(followers), ...Object.keys(endingAlone)])]
  assert.deepEqual(
    declared.filter((name) => !inDatabase.includes(name)),
    [],
  )
  assert.deepEqual(
    inDatabase.filter((name) => !declared.includes(name)),
    [],
  )
  const twice = [...none, ...Object.keys(followers), ...Object.keys(endingAlone)].filter((name) =>
    placed.includes(name),
  )
  assert.deepEqual(twice, [])
})

test('a buyer with an open order, refund or return is not erased, and each is named', async () => {
  await using house = await fullTrades()
  const { db, ring } = house
  const converted = await house.lived(ouyang, 0, 'converted')
  const caller = await house.as(['privacy.erase'])
  const found = await find(caller, ouyang.nick)
  const { rows } = await sql<{
    no: string
    id: string
  }>`select no, id from sales_order where id = ${converted.orderId}`.execute(db)
  assert.deepEqual(
    Object(found.body).open.map(({ kind, no, state }: { kind: string; no: string; state: string }) => [
      kind,
      no,
      state,
    ]),
    [
      ['order', rows[0]?.no, 'unconfirmed'],
      ['trade', converted.tid, 'paid'],
    ],
  )
  const refused = await erase(caller, ouyang.nick, 1)
  assert.deepEqual([refused.status, Object(refused.body).code], [409, 'buyer_open'])
  assert.match(Object(refused.body).message, new RegExp(`销售订单 ${rows[0]?.no}、交易 ${converted.tid}`))

  const done = await house.lived(shangguan, 0)
  const [pool] = house.shops
  assert.ok(pool)
  await stageRefunds(pool, aRefund(done.trade, { status: 'applied', phase: 'aftersale' }))
  const open = await find(caller, shangguan.nick)
  assert.deepEqual(
    Object(open.body).open.map(({ kind }: { kind: string }) => kind),
    ['refund'],
  )
  assert.equal(Object((await erase(caller, shangguan.nick, 1)).body).code, 'buyer_open')
  const marks = await sql`select from erased_trade`.execute(db)
  assert.equal(marks.rows.length, 0)
  await eraseOpen(db, ring)
  const kept = await sql`select from sales_order where personal is null`.execute(db)
  assert.equal(kept.rows.length, 0)
})

test('only a person with the right who sees all shops finds a buyer, and a wrong number of trades erases nothing', async () => {
  await using house = await fullTrades()
  await house.lived(ouyang, 0)
  const stranger = await house.as(['personal.reveal', 'orders.read', 'users.write'])
  assert.equal((await find(stranger, ouyang.nick)).status, 403)
  const [pool] = house.shops
  const partly = await house.as(['privacy.erase'], [pool?.shopId ?? ''])
  assert.equal(Object((await find(partly, ouyang.nick)).body).code, 'outside_scope')
  assert.equal(Object((await erase(partly, ouyang.nick, 1)).body).code, 'outside_scope')
  const handed = await partly.call('POST', '/api/privacy/export', { q: ouyang.nick })
  assert.equal(Object(handed.body).code, 'outside_scope')
  assert.equal(Object((await partly.call('GET', '/api/privacy/erasures')).body).code, 'outside_scope')
  const caller = await house.as(['privacy.erase'])
  assert.equal(Object((await erase(caller, ouyang.nick, 2)).body).code, 'conflict')
  assert.equal(Object((await erase(caller, 'nobody_at_all', 1)).body).code, 'not_found')
  assert.equal(Object((await find(caller, '139****0123')).body).trades, 0)
  const elsewhere = connectors[1]?.id ?? ''
  assert.equal(Object((await find(caller, ouyang.nick, { platform: elsewhere })).body).trades, 0)
})

test('of two requests at once one erases the buyer, and a third finds nothing left', async () => {
  await using house = await fullTrades()
  const { db, ring } = house
  const { tid } = await house.lived(ouyang, 0)
  const caller = await house.as(['privacy.erase'])
  const both = await Promise.all([erase(caller, tid, 1), erase(caller, tid, 1)])
  assert.deepEqual(both.map(({ status }) => status).sort(), [202, 409])
  await Promise.all([eraseOpen(db, ring), eraseOpen(db, ring)])
  assert.equal(Object((await erase(caller, tid, 1)).body).code, 'already_erased')
  assert.deepEqual(
    [Object((await find(caller, tid)).body).trades, Object((await find(caller, tid)).body).erased],
    [1, 1],
  )
  const ended = await sql`select from erasure where ended_at is not null`.execute(db)
  assert.equal(ended.rows.length, 1)
})

test('an erasure that was killed between two batches is ended by the next worker', async () => {
  await using house = await fullTrades()
  const { db, ring } = house
  const { orderId, shopId } = await house.lived(ouyang, 0)
  await sql`
    insert into staged_trade (shop_id, tid, state, status, platform_status, trade_type, modified_at, reason, facets, personal, people, buyer_masked)
    select t.shop_id, 'more' || n, 'processed', 'finished', '', 'normal', now(), '', t.facets, t.personal, t.people, t.buyer_masked
    from staged_trade t, generate_series(1, 250) n`.execute(db)
  const caller = await house.as(['privacy.erase'])
  const made = await erase(caller, ouyang.nick, 251)
  assert.equal(made.status, 202, JSON.stringify(made.body))
  assert.equal(await eraseNext(db, ring, Object(made.body).id), 'more')
  const dying = db.transaction().execute(async (tx) => {
    await sql`update erased_trade set erased_at = now() where erased_at is null`.execute(tx)
    throw new Error('killed')
  })
  await assert.rejects(dying, /killed/)
  const half = Object((await caller.call('GET', '/api/privacy/erasures')).body).rows[0]
  assert.deepEqual([half.trades, half.done, half.endedAt], [251, 100, null])
  await eraseOpen(db, ring)
  const all = Object((await caller.call('GET', '/api/privacy/erasures')).body).rows[0]
  assert.deepEqual([all.trades, all.done, all.endedAt !== null], [251, 251, true])
  const left =
    await sql`select from staged_trade where personal is not null or people <> '{}' or buyer_masked <> ''`.execute(
      db,
    )
  assert.equal(left.rows.length, 0)
  const order = await sql<{
    is: boolean
  }>`select personal is null as is from sales_order where id = ${orderId}`.execute(db)
  assert.deepEqual(order.rows, [{ is: true }])
  assert.ok(shopId)
})

test('a nick of digits is cut from the texts of a history, not from its amounts, and notes of people go whole', async () => {
  await using house = await fullTrades()
  const { db, ring } = house
  const { orderId } = await house.lived(aBuyer('200000', '司马青', '13711110222', '学院路 1 号'), 0)
  await sql`
    insert into order_event (order_id, event, actor_kind, actor_id, actor_name, detail) values
      (${orderId}::bigint, 'refund_noted', 'system', '', '', '{"amountFen": 200000, "refundNo": "R1", "why": "买家 200000 要退"}'),
      (${orderId}::bigint, 'blacklisted', 'user', '1', '林晓', '{"note": "换号 13900001111 王经理 又来"}')`.execute(
    db,
  )
  const caller = await house.as(['privacy.erase'])
  assert.equal((await erase(caller, '13711110222', 1)).status, 202)
  await eraseOpen(db, ring)
  const told = await sql<{ detail: object }>`
    select detail from order_event where order_id = ${orderId}::bigint and event in ('refund_noted', 'blacklisted')
    order by id desc limit 2`.execute(db)
  assert.deepEqual(
    told.rows.map(({ detail }) => detail),
    [{ note: '' }, { amountFen: 200000, refundNo: 'R1', why: '买家 *** 要退' }],
  )
})

test('an erasure that fails keeps no other one waiting, and its error is heard', async () => {
  await using house = await fullTrades()
  const { db, ring } = house
  const { orderId } = await house.lived(ouyang, 0)
  await house.lived(shangguan, 0)
  const caller = await house.as(['privacy.erase'])
  for (const { receiver } of [ouyang, shangguan])
    assert.equal((await erase(caller, receiver.mobile, 1)).status, 202)
  await house.owner(`
    create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused here'; end $$;
    create trigger refuse before update on sales_order for each row when (old.id = ${orderId}) execute function refuse()`)
  await assert.rejects(eraseOpen(db, ring), /refused here/)
  const { rows } = Object((await caller.call('GET', '/api/privacy/erasures')).body)
  assert.deepEqual(
    rows.map(({ done, endedAt }: { done: number; endedAt: string | null }) => [done, endedAt !== null]),
    [
      [1, true],
      [0, false],
    ],
  )
})

test('a download of the same trade and refund brings nothing of the buyer back', async () => {
  await using house = await fullTrades()
  const { db, ring } = house
  const { tid, trade, shopId, refundNo } = await house.lived(ouyang, 0)
  const other = await house.lived(shangguan, 0)
  const evidence = await evidenceOf(house, ouyang, [tid])
  const caller = await house.as(['privacy.erase'])
  assert.equal((await erase(caller, tid, 1)).status, 202)
  const [pool] = house.shops
  assert.ok(pool)
  const later = (seconds: number) => new Date(trade.modifiedAt.getTime() + seconds * 1000)
  // Between the request and its first batch, and afterwards.
  await stage(pool, { ...trade, sellerMemo: ouyang.memo, modifiedAt: later(1) })
  await eraseOpen(db, ring)
  const moved = { ...ouyang.receiver, address: '别处 1 号' }
  await stage(pool, { ...trade, receiver: moved, flag: 3, modifiedAt: later(2) })
  await stageRefunds(
    pool,
    aRefund(trade, {
      refundId: refundNo,
      status: 'closed',
      description: ouyang.receiver.name,
      modifiedAt: later(3),
    }),
  )
  await stageRefunds(
    pool,
    aRefund(trade, { status: 'closed', description: ouyang.receiver.name, modifiedAt: later(3) }),
  )
  await db.transaction().execute(async (tx) => {
    const brief = {
      kind: 'brief' as const,
      tid,
      modifiedAt: later(60),
      platformStatus: '',
      type: '',
      paymentFen: 1,
      buyerNick: ouyang.nick,
      receiverName: ouyang.receiver.name,
    }
    await queueTrades(tx, shopId, [{ ...trade, ...brief }], ring)
    for (const [kind, id] of [
      ['trade', tid],
      ['refund', refundNo],
    ] as const)
      await parkItems(tx, ring, {
        shopId,
        kind,
        items: [{ kind: 'bad', id, reason: 'unreadable', raw: ouyang.receiver.name }],
      })
  })
  assert.deepEqual(await traces(db, evidence), [])
  const stored = await sql<Record<string, unknown>>`
    select flag, buyer_masked, receiver_masked, region, personal, people, buyer_message, seller_memo from staged_trade where tid = ${tid}`.execute(
    db,
  )
  assert.deepEqual(stored.rows, [
    {
      flag: 3,
      buyer_masked: '',
      receiver_masked: '',
      region: '浙江',
      personal: null,
      people: [],
      buyer_message: '',
      seller_memo: '',
    },
  ])
  const raw = await sql<{ tid: string }>`
    select t.tid from raw_payload p join staged_trade t on t.tid = p.platform_id`.execute(db)
  assert.deepEqual(raw.rows, [{ tid: other.tid }])
  const changes = await sql<{ kind: string; old_value: string; new_value: string }>`
    select c.kind, old_value, new_value from order_difference c join sales_order o on o.id = c.order_id where o.tid = ${tid} order by c.id`.execute(
    db,
  )
  assert.deepEqual(changes.rows, [
    { kind: 'address', old_value: '', new_value: '' },
    { kind: 'flag', old_value: '0', new_value: '3' },
  ])
})

test('a buyer gets a file with everything in clear, and the look is counted and audited without a name', async () => {
  await using house = await fullTrades()
  const { tid, refundNo } = await house.lived(ouyang, 0)
  await house.lived(shangguan, 0)
  const caller = await house.as(['privacy.erase'])
  const { status, body, headers } = await caller.call('POST', '/api/privacy/export', {
    q: ouyang.receiver.mobile,
  })
  assert.equal(status, 200)
  assert.match(headers.get('content-disposition') ?? '', /attachment/)
  const { documents, searched } = Object(body)
  assert.equal(searched, ouyang.receiver.mobile)
  assert.deepEqual(
    documents.map((one: Record<string, unknown>) => [
      one['document'],
      one['tid'] ?? one['number'] ?? one['of'],
    ]),
    [
      ['trade', tid],
      ['order', tid],
      ['refund', tid],
      ['change', 'address'],
      ['note', 'ask_buyer'],
      ['platform text', tid],
      ['platform text', refundNo],
    ],
  )
  assert.deepEqual(
    [documents[0].buyer.receiver.address, documents[0].buyerMessage],
    [ouyang.receiver.address, ouyang.message],
  )
  assert.ok(!JSON.stringify(body).includes(shangguan.receiver.name))
  const audited = await sql<{ action: string; subject_id: string; detail: object }>`
    select action, subject_id, detail from audit_log where action = 'privacy.export'`.execute(house.db)
  assert.deepEqual(audited.rows, [{ action: 'privacy.export', subject_id: '', detail: { trades: 1 } }])
  const counted = await sql<{ inDay: number }>`select in_day as "inDay" from reveal_count`.execute(house.db)
  assert.deepEqual(counted.rows, [{ inDay: 1 }])
  await sql`update reveal_count set in_day = 1_000_000`.execute(house.db)
  const again = { q: ouyang.receiver.mobile }
  assert.equal(Object((await caller.call('POST', '/api/privacy/export', again)).body).code, 'reason_needed')
  const explained = await caller.call('POST', '/api/privacy/export', { ...again, reason: '买家来信要' })
  assert.deepEqual([explained.status, Object(explained.body).documents], [200, documents])
  const reasons = await sql<{ reason: string | null }>`
    select detail ->> 'reason' as reason from audit_log where action = 'privacy.export' order by id`.execute(
    house.db,
  )
  assert.deepEqual(reasons.rows, [{ reason: null }, { reason: '买家来信要' }])
  assert.deepEqual(
    house.logged.filter((line) => line.includes(ouyang.receiver.mobile)),
    [],
  )
})
