// The row types of all tables, with the JavaScript types that the database driver returns.
// Generated: SCHEMA=write node --test server/rules/schema.test.ts

/** Columns of a table: `Row<'sales_order', 'id' | 'shopId'>`. */
export type Row<T extends keyof Rows, C extends keyof Rows[T]> = Pick<Rows[T], C>

/** The row `R` after `num` has converted the columns `C` (int8, which the driver returns as text) to numbers. */
export type WithNumbers<R, C extends keyof R> = Omit<R, C> & Record<C, number>

/** The row `R` of an outer join: every column is null if the join finds no row. */
export type Nullable<R> = { [C in keyof R]: R[C] | null }

/** The row `R` of a query that leaves out rows with nulls, so no column is null. */
export type NotNull<R> = { [C in keyof R]: NonNullable<R[C]> }

/**
 * The row of a query that returns the fields of `Answer`. A field that is a column of the table `T`
 * has the column's type, or a narrower one (a union of codes, JSON); any other field has the type in `Answer`.
 */
export type RowFor<T extends keyof Rows, Answer> = {
  [C in keyof Answer]: C extends keyof Rows[T] ? ColumnFor<Rows[T][C], Answer[C]> : Answer[C]
}
type ColumnFor<Column, Wanted> = unknown extends Column
  ? Wanted
  : [Wanted, null extends Wanted ? true : false] extends [Column, null extends Column ? true : false]
    ? Wanted
    : Column

export type Rows = {
  alarm_channel: {
    id: string
    name: string
    kind: 'dingtalk' | 'wecom' | 'feishu' | 'mail' | 'webhook'
    credentials: Buffer
    kinds: string[]
    leastTone: 'warn' | 'bad'
    quietFrom: number | null
    quietTo: number | null
    quietPassesBad: boolean
    sendsEnd: boolean
    language: 'zh' | 'en'
    enabled: boolean
    createdAt: Date
    createdBy: string
    lastSentAt: Date | null
    failedSince: Date | null
    failure: unknown | null
    attempts: number
    nextTryAt: Date
  }
  alarm_notice: {
    channelId: string
    recordId: string
    what: 'warn' | 'bad' | 'ended'
    madeAt: Date
    sentAt: Date | null
  }
  alarm_record: {
    id: string
    alarmId: string
    kind: string
    tone: 'warn' | 'bad'
    title: unknown
    detail: unknown
    page: string
    documents: number
    shopId: string | null
    beganAt: Date
    absentSince: Date | null
    endedAt: Date | null
  }
  alarm_turn: {
    one: boolean
    worker: string
    leasedUntil: Date | null
    lookedAt: Date
  }
  api_key: {
    id: string
    name: string
    prefix: string
    keyHash: Buffer
    permissions: string[]
    allShops: boolean
    shopIds: string[]
    createdBy: string
    expiresAt: Date | null
    lastUsedAt: Date | null
    revokedAt: Date | null
    createdAt: Date
    allWarehouses: boolean
    warehouseIds: string[]
  }
  app_user: {
    id: string
    email: string
    name: string
    emailVerified: boolean
    image: string | null
    twoFactorEnabled: boolean
    allShops: boolean
    shopIds: string[]
    language: 'zh' | 'en'
    theme: 'system' | 'light' | 'dark'
    disabledAt: Date | null
    lastSignInAt: Date | null
    createdAt: Date
    updatedAt: Date
    allWarehouses: boolean
    warehouseIds: string[]
  }
  audit_log: {
    id: string
    at: Date
    actorKind: 'user' | 'api_key' | 'task' | 'system'
    actorId: string
    actorName: string
    action: string
    subjectType: string
    subjectId: string
    shopId: string | null
    detail: unknown
    ip: string
    requestId: string
    xid: string
  }
  audit_seal: {
    id: string
    sealedAt: Date
    ids: string
    rowCount: number
    lastXid: string
    lastId: string
    previous: Buffer
    hash: Buffer
  }
  batch: {
    id: string
    no: string
    action: string
    state: 'running' | 'stopping' | 'done' | 'stopped'
    actor: unknown
    scope: unknown
    request: Buffer
    byFilter: boolean
    walkAfter: string | null
    walkUpTo: string | null
    walked: boolean
    retryOf: string | null
    total: number
    done: number
    succeeded: number
    refused: number
    reasons: unknown
    errorCode: string
    worker: string | null
    leaseUntil: Date | null
    createdAt: Date
    startedAt: Date | null
    endedAt: Date | null
  }
  batch_chunk: {
    batchId: string
    no: number
    ids: string[]
    endedAt: Date | null
    doneIds: string[]
    doneRefs: string[]
  }
  batch_refusal: {
    batchId: string
    id: string
    code: string
    message: unknown | null
    ref: string
    reason: string
  }
  bill_due: {
    id: string
    shopId: string
    tid: string
  }
  bill_line: {
    id: string
    shopId: string
    serialNo: string
    tid: string
    happenedAt: Date
    day: Date
    kind: 'receipt' | 'refund' | 'fee' | 'transfer' | 'other'
    type: string
    amountFen: string
    note: string
    importedAt: Date
    importedBy: string
  }
  bill_shop: {
    shopId: string
    since: Date
    scanFrom: Date | null
    scanTo: Date | null
    askedAt: Date
  }
  bill_trade: {
    id: string
    shopId: string
    tid: string
    at: Date
    billInFen: string
    billOutFen: string
    feeFen: string
    ownInFen: string
    ownOutFen: string
    billDay: Date | null
    ownDay: Date | null
    cause: '' | 'not_ours' | 'not_theirs' | 'amount' | 'later_day'
    explainedWhy: string
    explainedBy: string
    explainedAt: Date | null
    gapFen: string
    standing: string
    facets: number[]
  }
  bin: {
    id: string
    warehouseId: string
    code: string
    route: number
    active: boolean
    createdAt: Date
    createdBy: string
  }
  blacklist_entry: {
    id: string
    kind: 'phone' | 'address' | 'nick'
    keys: string[]
    region: string
    masked: string
    personal: Buffer
    reason: string
    until: Date | null
    shopId: string
    orderId: string
    createdAt: Date
    createdBy: string
    removedAt: Date | null
    removedBy: string | null
    firstKey: string
  }
  bundle_part: {
    bundleId: string
    partId: string
    quantity: number
    bundle: boolean
    part: boolean
  }
  choice_rules: {
    kind: 'warehouse' | 'courier'
    rules: unknown
    reach: unknown
    version: number
    updatedBy: string
    updatedAt: Date
  }
  clock_skew: {
    machine: string
    aheadMs: string
    seenAt: Date
  }
  confirm_rules: {
    shopId: string
    rules: unknown
    version: number
    updatedBy: string
    updatedAt: Date
    lookedTo: string
  }
  count_entry: {
    taskId: string
    lineNo: number
    round: number
    quantity: number
    expected: number
    countedAt: Date
    countedBy: string
    countedById: string
    maybePacked: number
  }
  count_line: {
    taskId: string
    lineNo: number
    skuId: string
    binId: string | null
  }
  count_task: {
    id: string
    no: string
    warehouseId: string
    status: 'open' | 'done' | 'cancelled'
    note: string
    documentId: string | null
    createdAt: Date
    createdBy: string
    endedAt: Date | null
    endedBy: string | null
  }
  courier: {
    code: string
    ordinal: number
    zh: string
    en: string
  }
  courier_code: {
    courier: string
    system: string
    code: string
  }
  delivery: {
    id: string
    no: string
    orderId: string
    orderNo: string
    tid: string
    shopId: string
    status: 'pending' | 'shipped' | 'cancelled'
    courier: string
    waybillNo: string
    shipBy: Date | null
    writeBack: '' | 'waiting' | 'done' | 'failed' | 'forced' | 'manual' | 'none' | 'stopped'
    errorCode: string
    round: number
    actionId: string | null
    createdAt: Date
    createdBy: string
    shippedAt: Date | null
    shippedBy: string | null
    cancelledAt: Date | null
    cancelledBy: string | null
    standing: string
    facets: number[]
    warehouseId: string | null
    parcel: string | null
    beside: boolean
    platformWaybill: string
    shipSteps: string[]
    labelled: boolean
    printedAt: Date | null
    printedBy: string | null
    checkedAt: Date | null
    checkedBy: string | null
    weighedAt: Date | null
    weighedBy: string | null
    weightGrams: number | null
    checkedPieces: number | null
    wantedCourier: string
    shape: '' | 'single' | 'several' | 'mixed'
    skuId: string | null
    pieceCount: number
    pickedAt: Date | null
    pickedBy: string | null
    waveId: string | null
    basket: number | null
    packageCount: number
    shownCourier: string
    shownWaybill: string
  }
  delivery_serial: {
    deliveryId: string
    lineNo: number
    skuId: string
    serial: string
    scannedAt: Date
    scannedBy: string
  }
  download_queue: {
    id: string
    shopId: string
    tid: string
    modifiedAt: Date
    platformStatus: string
    tradeType: string
    paymentFen: string | null
    buyerMasked: string
    receiverMasked: string
    isNew: boolean
    waitingSince: Date
    urgent: boolean
    buyerHash: string | null
    receiverHash: string | null
  }
  erased_trade: {
    tid: string
    shopId: string
    erasureId: string
    erasedAt: Date | null
  }
  erasure: {
    id: string
    tradeCount: number
    erasedRows: unknown
    actor: unknown
    createdAt: Date
    endedAt: Date | null
  }
  extra_refund: {
    id: string
    no: string
    shopId: string
    orderId: string
    orderNo: string
    refundNo: string
    kind: 'compensation' | 'price_difference' | 'return_freight' | 'deposit' | 'cashback' | 'goods' | 'other'
    amountFen: string
    reason: string
    status: 'draft' | 'approved' | 'voided'
    createdBy: string
    createdAt: Date
    decidedBy: string | null
    decidedAt: Date | null
  }
  gift_rule: {
    id: string
    position: number
    version: number
    placesTaken: number
    removedAt: Date | null
  }
  gift_rule_version: {
    ruleId: string
    version: number
    rule: unknown
  }
  gift_rules: {
    single: boolean
    version: number
    updatedBy: string
    updatedAt: Date
  }
  handout: {
    id: string
    shopId: string
    parcels: number
    columns: unknown
    createdAt: Date
    createdBy: string
  }
  handout_due: {
    deliveryId: string
    shopId: string
  }
  handout_parcel: {
    handoutId: string
    deliveryId: string
    courier: string
    waybillNo: string
  }
  house_process: {
    name: string
    kind: 'web' | 'worker'
    seenAt: Date
    aheadMs: number
    freeBytes: string
    sizeBytes: string
    program: number
    version: string
  }
  idempotency_key: {
    actor: string
    key: string
    requestHash: Buffer
    status: number | null
    body: Buffer | null
    contentType: string | null
    busyUntil: Date
    createdAt: Date
    rightsHash: Buffer | null
  }
  intercept: {
    id: string
    deliveryId: string
    deliveryNo: string
    orderId: string
    orderNo: string
    tid: string
    shopId: string
    warehouseId: string | null
    courier: string
    waybillNo: string
    refundNo: string
    amountFen: string
    deadline: Date | null
    way: 'pull' | 'recall'
    state: 'open' | 'asked' | 'pulled' | 'returned' | 'missed' | 'money' | 'lifted'
    note: string
    createdAt: Date
    createdBy: string
    askedAt: Date | null
    askedBy: string | null
    endedAt: Date | null
    endedBy: string | null
    facets: number[]
    returnId: string | null
    returnNo: string
  }
  kept_log: {
    onlyRow: boolean
    backupPlace: string
    begunAt: Date
    seenAt: Date
    sentTo: string | null
    sentAt: Date | null
    restorableFrom: Date | null
    baseAt: Date | null
    failedSince: Date | null
    failure: unknown | null
  }
  label_area: {
    id: string
    name: string
    widthMm: number
    heightMm: number
    options: unknown
    shopIds: string[]
    couriers: string[]
    version: number
    updatedAt: Date
    updatedBy: string
  }
  listing: {
    id: string
    shopId: string
    itemId: string
    platformSkuId: string
    outerItemId: string
    outerSkuId: string
    title: string
    spec: string
    pictureUrl: string
    priceFen: string | null
    quantity: number | null
    status: 'on_sale' | 'in_stock' | 'gone' | 'seen'
    modifiedAt: Date
    listedAt: Date | null
    skuId: string | null
    matchedHow: '' | 'outer_id' | 'hand' | 'import'
    matchedBy: string
    matchedAt: Date | null
    words: string
    grams: number[]
    standing: string
    facets: number[]
    createdAt: Date
    formerSkuId: string | null
  }
  mall_document: {
    shopId: string
    kind: 'trade' | 'refund'
    number: string
    tid: string
    versionAt: Date
    receivedAt: Date
    sealed: Buffer
  }
  migration: {
    name: string
    appliedAt: Date
  }
  one_time_link: {
    tokenHash: Buffer
    purpose: 'setup' | 'password'
    userId: string | null
    expiresAt: Date
    usedAt: Date | null
    createdAt: Date
    madeBy: unknown | null
  }
  order_difference: {
    id: string
    orderId: string
    kind: 'address' | 'courier' | 'memo' | 'flag' | 'message' | 'closed' | 'shipped_elsewhere' | 'payment' | 'left_line'
    oldValue: string
    newValue: string
    personal: Buffer | null
    region: string
    facets: number[] | null
    people: string[] | null
    tradeVersion: Date
    seenAt: Date
    settledAt: Date | null
    settledBy: string | null
    settledHow: 'applied' | 'ignored' | 'superseded' | null
    receiverHash: number | null
  }
  order_event: {
    id: string
    orderId: string
    at: Date
    event: string
    actorKind: 'user' | 'api_key' | 'task' | 'system'
    actorId: string
    actorName: string
    detail: unknown | null
  }
  order_gift: {
    orderId: string
    ruleId: string
    times: number
    version: number | null
    givenAt: Date
  }
  order_hold: {
    id: string
    orderId: string
    reason: 'ask_buyer' | 'address' | 'price' | 'stock' | 'risk' | 'other' | 'gift' | 'refund_open' | 'unmatched' | 'platform_closed' | 'shipped_elsewhere' | 'address_changed' | 'courier_changed' | 'line_left'
    source: string
    note: string
    heldBy: string
    heldAt: Date
    until: Date | null
    releasedBy: string | null
    releasedAt: Date | null
  }
  order_line: {
    orderId: string
    lineNo: number
    tid: string
    oid: string
    skuId: string | null
    itemId: string
    platformSkuId: string
    outerItemId: string
    outerSkuId: string
    title: string
    spec: string
    pictureUrl: string
    quantity: number
    refundedQuantity: number
    priceFen: string
    discountFen: string
    paymentFen: string
    refundedFen: string
    gift: boolean
    giftRuleId: string | null
    giftOffBy: string | null
    planAt: Date | null
    substituteFor: string | null
    substituteDiffFen: string | null
  }
  order_problem: {
    orderId: string
    reason: string
    detail: unknown
    foundAt: Date
    waivedBy: string | null
    waivedAt: Date | null
  }
  order_refund: {
    orderId: string
    refundNo: string
    shopId: string
    oid: string
    kind: 'refund_only' | 'return' | 'exchange' | 'reship' | 'repair' | 'other' | 'money_only'
    refundStatus: 'applied' | 'agreed' | 'refused' | 'closed' | 'succeeded' | 'unknown'
    version: string
    modifiedAt: Date
    amountFen: string
    quantity: number
    effect: 'hold' | 'release' | 'reduce' | 'money' | 'record'
    appliedAt: Date
    fact: 'order_refund' | 'return_refund' | 'void_refund' | 'refund_only' | null
    countedFen: string
    countedQuantity: number
    countedOid: string
    takesGoods: boolean
    phase: 'onsale' | 'aftersale'
  }
  order_source: {
    orderId: string
    sourceId: string
    reason: string
  }
  paper_template: {
    id: string
    kind: string
    name: string
    widthMm: number
    heightMm: number
    options: unknown
    shopIds: string[]
    couriers: string[]
    version: number
    updatedAt: Date
    updatedBy: string
  }
  parcel_order: {
    parcel: string
    orderId: string
  }
  parcel_subscription: {
    id: string
    accountId: string
    courier: string
    waybillNo: string
    orderId: string
    shopId: string
    state: 'asked' | 'live' | 'ended' | 'failed'
    times: number
    askedAt: Date
    againAt: Date | null
    reason: string
  }
  parcel_track: {
    deliveryId: string
    shopId: string
    warehouseId: string | null
    courier: string
    waybillNo: string
    state: 'unknown' | 'collected' | 'in_transit' | 'out_for_delivery' | 'at_pickup' | 'signed' | 'problem' | 'returning' | 'returned'
    movedAt: Date | null
    leftAt: Date
    askedAt: Date | null
    nextAt: Date | null
    misses: number
    accountId: string | null
  }
  parked_item: {
    id: string
    shopId: string
    kind: 'trade' | 'refund'
    platformId: string
    reason: string
    sealed: Buffer
    firstSeen: Date
    lastSeen: Date
    times: number
    settledAt: Date | null
    fingerprint: string
  }
  phone_scan: {
    key: string
    userId: string
    kind: string
    answer: unknown
    at: Date
  }
  platform_action: {
    id: string
    shopId: string
    kind: string
    subjectType: string
    subjectId: string
    idempotencyKey: string
    payload: unknown
    secret: Buffer | null
    state: 'pending' | 'sending' | 'succeeded' | 'failed' | 'unknown' | 'forced' | 'manual' | 'withdrawn'
    attempt: number
    claim: number
    looks: number
    worker: string | null
    leaseUntil: Date | null
    nextAt: Date | null
    answer: unknown | null
    result: unknown | null
    errorCode: string
    error: string
    createdBy: unknown
    createdAt: Date
    sentAt: Date | null
    endedAt: Date | null
    settledBy: unknown | null
    settledReason: string
    deadline: Date
    away: boolean
    unclear: boolean
  }
  print_document: {
    jobId: string
    seq: number
    waybillId: string
    state: 'waiting' | 'spooled' | 'printed' | 'failed' | 'dropped'
    message: string
    spooledAt: Date | null
    endedAt: Date | null
    nth: number
  }
  print_job: {
    id: string
    printer: string
    reason: string
    createdAt: Date
    createdBy: string
    createdById: string
  }
  product: {
    id: string
    code: string
    name: string
    category: string
    brand: string
    createdAt: Date
    updatedAt: Date
  }
  push_channel: {
    channel: string
    platform: string
    worker: string | null
    leaseUntil: Date | null
    openedAt: Date | null
    heardAt: Date | null
    silentSince: Date | null
    errorCode: string
    posted: boolean
  }
  push_message: {
    id: string
    channel: string
    messageId: string
    topic: string
    shopId: string | null
    kind: 'trade' | 'refund' | 'other'
    tid: string
    refundNo: string
    sealed: Buffer
    heardAt: Date
    dueAt: Date
    tries: number
    handledAt: Date | null
    outcome: string
  }
  push_shop: {
    shopId: string
    channel: string
    permitVersion: number | null
    permitNextAt: Date
    permitErrorCode: string
    permittedAt: Date | null
    heardAt: Date | null
    missedAt: Date | null
  }
  push_today: {
    shopId: string
    kind: 'trade' | 'refund'
    day: Date
    created: number
    updated: number
  }
  put_away: {
    id: string
    warehouseId: string
    skuId: string
    binId: string
    spare: boolean
    quantity: number
    putAt: Date
    putBy: string
    putById: string
  }
  put_away_due: {
    warehouseId: string
    skuId: string
    quantity: number
    since: Date
  }
  put_back: {
    id: string
    deliveryId: string
    deliveryNo: string
    orderId: string
    orderNo: string
    tid: string
    shopId: string
    warehouseId: string | null
    courier: string
    waybillNo: string
    lineNo: number
    skuId: string | null
    title: string
    spec: string
    quantity: number
    source: string
    state: 'open' | 'done' | 'unpicked'
    createdAt: Date
    doneAt: Date | null
    doneBy: string | null
    facets: number[]
  }
  raw_payload: {
    kind: 'trade' | 'refund'
    shopId: string
    platformId: string
    modifiedAt: Date
    sealed: Buffer
  }
  receiver_answer: {
    orderId: string
    receiverHash: number
    asked: string
    grp: number | null
    at: Date
  }
  refund_ask: {
    shopId: string
    askedTo: Date | null
    answeredAt: Date | null
    triedAt: Date | null
    errorCode: string
    nextAt: Date
  }
  refund_ask_trade: {
    shopId: string
    tid: string
    askedTo: Date
  }
  refund_event: {
    id: string
    shopId: string
    refundNo: string
    at: Date
    event: string
    actorKind: 'user' | 'api_key' | 'task' | 'system'
    actorId: string
    actorName: string
    detail: unknown | null
  }
  refund_notice: {
    shopId: string
    refundNo: string
    tid: string
    oid: string
    source: 'refund' | 'line'
    names: string
    kind: 'refund_only' | 'return' | 'exchange' | 'reship' | 'repair' | 'other' | 'money_only'
    phase: 'onsale' | 'aftersale'
    refundStatus: 'applied' | 'agreed' | 'refused' | 'closed' | 'succeeded' | 'unknown'
    version: string
    modifiedAt: Date
    amountFen: string
    quantity: number
    agreeing: '' | 'asked' | 'done'
    settled: boolean
    notedAt: Date
    toldStopped: boolean
  }
  refund_waiver: {
    id: string
    orderId: string
    refundNo: string
    refundStatus: 'applied' | 'agreed' | 'refused' | 'closed' | 'succeeded' | 'unknown'
    amountFen: string
    quantity: number
    reason: string
    givenBy: string
    givenAt: Date
    endedAt: Date | null
    kind: '' | 'refund_only' | 'return' | 'exchange' | 'reship' | 'repair' | 'other' | 'money_only'
  }
  relay: {
    id: string
    name: string
    keyId: string
    heardAt: Date | null
    createdAt: Date
  }
  relay_call: {
    number: string
    relayId: string
    shopId: string
    request: Buffer
    createdAt: Date
    beginUntil: Date
    takenBy: string | null
    takenAt: Date | null
    answer: Buffer | null
  }
  removed_mark: {
    shopId: string
    tid: string
    kind: 'trade' | 'refund'
    removedAt: Date
    removedBy: string
  }
  report_causes: {
    day: Date
    shopId: string
    outerId: string
    buyerReason: string
    refundCount: number
    askedFen: string
    returnCount: number
    pieceCount: number
    succeededCount: number
    succeededFen: string
  }
  report_causes_month: {
    day: Date
    shopId: string
    outerId: string
    buyerReason: string
    refundCount: number
    askedFen: string
    returnCount: number
    pieceCount: number
    succeededCount: number
    succeededFen: string
  }
  report_day: {
    day: Date
    computedAt: Date
    tookMs: number
  }
  report_due: {
    id: string
    day: Date
  }
  report_goods: {
    day: Date
    shopId: string
    skuId: string
    orderCount: number
    pieceCount: number
    amountFen: string
    refundedPieces: number
    refundedFen: string
  }
  report_goods_day: {
    day: Date
    shopId: string
    orderCount: number
    pieceCount: number
    amountFen: string
    refundedPieces: number
    refundedFen: string
  }
  report_goods_month: {
    day: Date
    shopId: string
    skuId: string
    orderCount: number
    pieceCount: number
    amountFen: string
    refundedPieces: number
    refundedFen: string
  }
  report_mail: {
    subscriptionId: string
    period: Date
    state: 'sending' | 'sent' | 'failed'
    error: string
    stopHash: Buffer | null
    begunAt: Date
    endedAt: Date | null
    tries: number
    againAt: Date | null
  }
  report_people: {
    day: Date
    shopId: string
    warehouseId: string
    personName: string
    confirmedCount: number
    printedCount: number
    pickedCount: number
    checkedCount: number
    weighedCount: number
    shippedCount: number
    pieceCount: number
  }
  report_regions: {
    day: Date
    shopId: string
    province: string
    orderCount: number
    pieceCount: number
    amountFen: string
  }
  report_sales: {
    day: Date
    shopId: string
    tradeCount: number
    tradeFen: string
    ownCount: number
    ownOrderFen: string
    orderCount: number
    refundCount: number
    refundFen: string
    parcelCount: number
  }
  report_shipping: {
    day: Date
    shopId: string
    warehouseId: string
    courier: string
    parcelCount: number
    packageCount: number
    weighedCount: number
    totalGrams: string
    dueCount: number
    onTimeCount: number
    lateCount: number
    lateMinutes: string
    paidCount: number
    paidMinutes: string
    signedCount: number
    signedMinutes: string
  }
  report_subscription: {
    id: string
    userId: string
    report: string
    rowKind: string
    measure: string
    shopId: string | null
    every: 'day' | 'week' | 'month'
    hour: number
    language: 'zh' | 'en'
    enabled: boolean
    createdAt: Date
    single: boolean | null
    channelId: string | null
  }
  report_threshold: {
    id: string
    userId: string
    figure: string
    bound: number
    leastCount: number
    hour: number
    shopId: string | null
    channelId: string | null
    language: 'zh' | 'en'
    enabled: boolean
    lookedAt: Date | null
    createdAt: Date
  }
  report_threshold_notice: {
    thresholdId: string
    day: Date
    shopId: string
    state: 'due' | 'sending' | 'sent' | 'failed'
    error: string
    value: number
    counted: number
    begunAt: Date
    endedAt: Date | null
    stopHash: Buffer | null
    tries: number
    againAt: Date | null
  }
  reservation: {
    orderId: string
    lineNo: number
    skuId: string
    warehouseId: string
    perLine: number
    wanted: number
    reserved: number
    shipped: boolean
    paidAt: Date
  }
  restore_record: {
    id: string
    restoredAt: Date
    takenAt: Date
    backup: string
  }
  return_event: {
    id: string
    returnId: string
    at: Date
    event: string
    actorKind: 'user' | 'api_key' | 'task' | 'system'
    actorId: string
    actorName: string
    detail: unknown | null
  }
  return_line: {
    returnId: string
    lineNo: number
    orderId: string
    orderLineNo: number
    tid: string
    oid: string
    skuId: string | null
    outerCode: string
    title: string
    spec: string
    pictureUrl: string
    quantity: number
    good: number
    defective: number
  }
  return_order: {
    id: string
    no: string
    shopId: string
    orderId: string
    orderNo: string
    tid: string
    kind: 'return' | 'exchange' | 'refused'
    origin: 'refund' | 'person' | 'parcel'
    refundNo: string
    refundStatus: '' | 'applied' | 'agreed' | 'refused' | 'closed' | 'succeeded' | 'unknown'
    deliveryId: string | null
    status: 'unconfirmed' | 'confirmed' | 'received' | 'settled' | 'voided'
    version: number
    warehouseId: string | null
    courier: string
    waybillNo: string
    reason: string
    amountFen: string
    quantity: number
    good: number
    defective: number
    openProblems: number
    exchangeWhen: 'confirmed' | 'received'
    exchangeOrderId: string | null
    exchangeOrderNo: string
    told: '' | 'waiting' | 'done' | 'failed' | 'forced' | 'manual' | 'none'
    errorCode: string
    actionId: string | null
    createdAt: Date
    createdBy: string
    confirmedAt: Date | null
    confirmedBy: string | null
    receivedAt: Date | null
    receivedBy: string | null
    settledAt: Date | null
    settledBy: string | null
    voidedAt: Date | null
    voidedBy: string | null
    voidReason: string
    facets: number[]
    deadline: Date | null
  }
  return_problem: {
    id: string
    returnId: string
    kind: 'short' | 'wrong' | 'refund_closed'
    lineNo: number
    skuId: string | null
    quantity: number
    note: string
    foundAt: Date
    foundBy: string
    settledAt: Date | null
    settledBy: string | null
    settledNote: string
  }
  return_receipt: {
    returnId: string
    step: number
    at: Date
    by: string
    warehouseId: string
    good: number
    defective: number
  }
  reveal_count: {
    actor: string
    actorName: string
    minute: Date
    inMinute: number
    day: Date
    inDay: number
    overAt: Date | null
  }
  role: {
    id: string
    builtin: 'admin' | null
    name: string
    nameEn: string
    permissions: string[]
    createdAt: Date
    updatedAt: Date
  }
  sales_order: {
    id: string
    no: string
    shopId: string
    origin: 'trade' | 'record' | 'manual' | 'import' | 'copy' | 'reship' | 'split'
    tid: string
    status: 'unconfirmed' | 'confirmed' | 'released' | 'shipped' | 'completed' | 'voided'
    version: number
    cod: boolean
    currency: string
    goodsFen: string
    postFeeFen: string
    discountFen: string
    paymentFen: string
    refundedFen: string
    quantity: number
    refundedQuantity: number
    paidAt: Date | null
    orderedAt: Date
    shipBy: Date | null
    flag: number
    openHolds: number
    differences: number
    facets: number[]
    people: string[]
    buyerMessage: string
    sellerMemo: string
    receiverMasked: string
    region: string
    personal: Buffer | null
    voidReason: string
    createdAt: Date
    updatedAt: Date
    createdBy: string
    warehouseId: string | null
    courier: string
    ownNote: string
    urgent: boolean
    lockedBy: string | null
    lockedName: string
    lockedAt: Date | null
    openProblems: number
    writtenBackAt: Date | null
    wholeTrade: boolean
    warehouseByHand: boolean
    courierByHand: boolean
    shipAfter: Date | null
    splitFrom: string | null
    parcel: string | null
    receiverHash: number
    cameBack: boolean
    subsidyFen: string
    insuredFen: number | null
    archivedAt: Date | null
  }
  sales_order_person: {
    key: string
    id: string
  }
  saved_view: {
    id: string
    userId: string
    list: string
    name: string
    query: string
    shared: boolean
    position: number
    createdAt: Date
    updatedAt: Date
  }
  schema_support: {
    onlyRow: boolean
    oldestProgram: number
  }
  sealing_key: {
    number: number
    fingerprint: string
    firstSeenAt: Date
    droppedAt: Date | null
  }
  settlement: {
    id: string
    no: string
    shopId: string
    orderId: string | null
    orderNo: string
    tid: string
    kind: 'order_receipt' | 'cod_receipt' | 'order_refund' | 'return_refund' | 'void_refund' | 'extra_refund' | 'refund_only'
    source: string
    version: number
    amountFen: string
    status: 'draft' | 'approved' | 'posted' | 'settled' | 'voided'
    withdrawn: boolean
    voidReason: string
    createdAt: Date
    createdBy: string
    approvedAt: Date | null
    approvedBy: string | null
    postedAt: Date | null
    postedBy: string | null
    settledAt: Date | null
    settledBy: string | null
    voidedAt: Date | null
    voidedBy: string | null
    kindNo: number
    facets: number[]
  }
  settlement_backlog: {
    single: boolean
    doneTo: string
    lastOrder: string
  }
  settlement_fact: {
    id: string
    shopId: string
    orderId: string | null
    tid: string
    kind: 'order_refund' | 'return_refund' | 'void_refund' | 'extra_refund' | 'refund_only'
    amountFen: string
    source: string
    createdAt: Date
    postedAt: Date | null
  }
  sheet_layout: {
    shopId: string
    head: string
    columns: unknown
    usedAt: Date
    usedBy: string
  }
  shop: {
    id: string
    platform: string
    variant: string
    name: string
    platformShopId: string
    sellerNick: string
    credentials: Buffer | null
    token: Buffer | null
    tokenExpiresAt: Date | null
    refreshExpiresAt: Date | null
    tokenVersion: number
    authState: 'none' | 'live' | 'expired'
    authError: string
    authChangedAt: Date
    enabled: boolean
    goLiveAt: Date
    settings: unknown
    timeZone: string
    createdAt: Date
    relayId: string | null
  }
  shop_gate: {
    shopId: string
    paused: string[]
    banUntil: Date | null
    changedAt: Date
    awaySince: Date | null
    probes: number
    probeAt: Date | null
    restoredAt: Date | null
  }
  sign_in_failure: {
    subject: Buffer
    failures: number
    lockedUntil: Date | null
    lastAt: Date
    beganAt: Date
  }
  sku: {
    id: string
    code: string
    productId: string
    spec: string
    weightG: number | null
    priceFen: string | null
    referenceFen: string | null
    pictureUrl: string
    isBundle: boolean
    active: boolean
    version: number
    words: string
    grams: number[]
    standing: string
    facets: number[]
    createdAt: Date
    updatedAt: Date
    scanOnce: boolean
    needsSerial: boolean
  }
  sku_barcode: {
    code: string
    skuId: string
  }
  sku_bin: {
    warehouseId: string
    skuId: string
    mainBinId: string | null
    spareBinId: string | null
  }
  staged_need: {
    tradeId: string
    shopId: string
    itemId: string
    platformSkuId: string
    quantity: number
  }
  staged_need_due: {
    id: string
    tradeId: string
  }
  staged_refund: {
    id: string
    shopId: string
    refundNo: string
    tid: string
    oid: string
    state: 'staged' | 'converted' | 'processed' | 'refusing' | 'refused'
    stateAt: Date
    stateBy: string
    modifiedAt: Date
    version: string
    status: 'applied' | 'agreed' | 'refused' | 'closed' | 'succeeded' | 'unknown'
    platformStatus: string
    kind: 'refund_only' | 'return' | 'exchange' | 'reship' | 'repair' | 'other' | 'money_only'
    phase: 'onsale' | 'aftersale'
    amountFen: string
    quantity: number
    deadline: Date | null
    detailMissing: boolean
    createdOnPlatform: Date
    reason: '' | 'no_original' | 'original_fetching' | 'unknown_status' | 'doubtful'
    decidedOn: unknown | null
    orderId: string | null
    orderNo: string
    outcome: string
    error: string
    facets: number[]
    people: string[]
    title: string
    spec: string
    pictureUrl: string
    outerId: string
    buyerReason: string
    description: string
    goodsReceived: 'not_received' | 'received' | 'returned' | 'unknown'
    carrier: string
    waybillNo: string
    constraintWord: string
    buyerMasked: string
    personal: Buffer | null
    createdAt: Date
    duty: '' | 'buyer' | 'seller' | 'warehouse' | 'courier' | 'platform'
    dutyNote: string
    dutyBy: string
    dutyAt: Date | null
    doubts: unknown | null
    doubtsTaken: unknown | null
  }
  staged_trade: {
    id: string
    shopId: string
    tid: string
    state: 'fetching' | 'staged' | 'converted' | 'processed'
    stateAt: Date
    stateBy: string
    modifiedAt: Date
    detailAt: Date | null
    fetchedAt: Date | null
    status: 'unpaid' | 'paid' | 'partly_shipped' | 'shipped' | 'finished' | 'closed_unpaid' | 'closed_refunded' | 'unknown'
    platformStatus: string
    tradeType: string
    orderedAt: Date | null
    paidAt: Date | null
    shipBy: Date | null
    cod: boolean
    finalUnpaid: boolean
    flag: number
    paymentFen: string
    postFeeFen: string
    discountFen: string
    quantity: number
    lineCount: number
    linesApplied: number
    linesRefunded: number
    openRefunds: number
    receiverHash: number
    reason: '' | 'fetching' | 'unknown_status' | 'closed' | 'not_paid' | 'final_unpaid' | 'platform_hold' | 'shipped_elsewhere' | 'refund_open' | 'all_refunded' | 'before_go_live' | 'duplicate' | 'doubtful'
    orderId: string | null
    orderNo: string
    facets: number[]
    people: string[]
    holds: string[]
    buyerMessage: string
    sellerMemo: string
    buyerMasked: string
    receiverMasked: string
    region: string
    note: string
    personal: Buffer | null
    createdAt: Date
    planAt: Date | null
    doubts: unknown | null
    doubtsTaken: unknown | null
    subsidyFen: string
  }
  staged_trade_lines: {
    tradeId: string
    lines: unknown
  }
  staged_trade_person: {
    key: string
    id: string
  }
  station_count: {
    deliveryId: string
    lineNo: number
    skuId: string
    counted: number
    countedAt: Date
  }
  station_parcel: {
    deliveryId: string
    station: string
    userName: string
    openedAt: Date
    touchedAt: Date
    stop: unknown | null
    asksSerial: unknown | null
  }
  station_scan: {
    key: string
    station: string
    userId: string
    userName: string
    deliveryId: string | null
    at: Date
    kind: string
    verdict: unknown
  }
  stock: {
    warehouseId: string
    skuId: string
    onHand: number
    reserved: number
    locked: number
    short: number
  }
  stock_change: {
    skuId: string
    version: string
    changedAt: Date
    taken: string
    dirty: boolean
  }
  stock_document: {
    id: string
    no: string
    kind: 'adjustment' | 'transfer' | 'count' | 'lock'
    status: 'draft' | 'approved' | 'sent' | 'posted' | 'voided'
    version: number
    warehouseId: string
    toWarehouseId: string | null
    lockKind: 'normal' | 'promotion' | null
    startsAt: Date | null
    endsAt: Date | null
    note: string
    quantity: number
    lineCount: number
    createdBy: string
    createdAt: Date
    approvedBy: string | null
    approvedAt: Date | null
    sentBy: string | null
    sentAt: Date | null
    postedBy: string | null
    postedAt: Date | null
    voidedBy: string | null
    voidedAt: Date | null
    releasedBy: string | null
    releasedAt: Date | null
  }
  stock_document_line: {
    documentId: string
    lineNo: number
    skuId: string
    quantity: number
    book: number | null
    released: number
    bookAfter: string | null
  }
  stock_movement: {
    id: string
    at: Date
    warehouseId: string
    skuId: string
    quantity: number
    documentKind: 'order' | 'adjustment' | 'transfer' | 'count' | 'return' | 'parcel'
    documentId: string
    lineNo: number
    step: number
    createdBy: string
  }
  stock_upload: {
    id: string
    shopId: string
    itemId: string
    rule: unknown | null
    paused: boolean
    shopOn: boolean
    quantity: number | null
    trace: unknown | null
    version: string
    calculatedAt: Date | null
    toldQuantity: number | null
    toldVersion: string
    toldAt: Date | null
    actionId: string | null
    problem: '' | 'gone' | 'unmatched' | 'listing_gone' | 'refused' | 'not_told' | 'manual'
    problemText: string
    problemAt: Date | null
    createdAt: Date
    standing: string
    facets: number[]
  }
  stream_cursor: {
    shopId: string
    stream: string
    completeTo: Date
    fence: string
    movedAt: Date
    newestAt: Date | null
    gapMs: number | null
    lateMs: number
    lateAt: Date | null
    nextLateMs: number
    deepAt: Date | null
  }
  table_size: {
    day: Date
    name: string
    byteCount: string
    rowCount: string
  }
  task: {
    id: string
    kind: string
    shopId: string | null
    name: string
    enabled: boolean
    intervalSeconds: number | null
    cron: string | null
    timeZone: string
    params: unknown
    nextRunAt: Date
    runId: string | null
    worker: string | null
    leaseUntil: Date | null
    lastRunId: string | null
    failures: number
    losses: number
    updatedAt: Date
  }
  task_run: {
    id: string
    taskId: string
    kind: string
    shopId: string | null
    trigger: 'schedule' | 'person' | 'again'
    state: 'queued' | 'running' | 'done' | 'failed' | 'stopped' | 'lost'
    requestedBy: unknown | null
    requestedAt: Date
    askedFrom: Date | null
    askedTo: Date | null
    params: unknown
    attempt: number
    worker: string | null
    fence: string | null
    stopRequested: boolean
    startedAt: Date | null
    endedAt: Date | null
    windowFrom: Date | null
    windowTo: Date | null
    pages: number
    seen: number
    created: number
    updated: number
    skipped: unknown
    failed: number
    requests: number
    report: unknown | null
    errorCode: string
    error: string
  }
  trade_event: {
    id: string
    shopId: string
    tid: string
    at: Date
    event: string
    actorKind: 'user' | 'api_key' | 'task' | 'system'
    actorId: string
    actorName: string
    detail: unknown | null
  }
  trade_fetch: {
    tradeId: string
    shopId: string
    tid: string
    wantedAt: Date
    urgent: boolean
    tries: number
    error: string
    nextAt: Date
    leaseUntil: Date | null
    claim: number
    askedAfter: Date
  }
  unasked_parcel: {
    deliveryId: string
    round: number
    orderId: string
    shopId: string
    tid: string
    leftAt: Date
    knownTo: Date | null
    letBy: 'patience' | 'setting'
    answeredAt: Date | null
    outcome: '' | 'clear' | 'refund' | 'undone'
  }
  unclaimed_line: {
    parcelId: string
    lineNo: number
    skuId: string
    good: number
    defective: number
  }
  unclaimed_parcel: {
    id: string
    no: string
    status: 'unclaimed' | 'stocked' | 'claimed'
    warehouseId: string
    courier: string
    waybillNo: string
    phoneKey: string | null
    note: string
    quantity: number
    returnId: string | null
    returnNo: string
    claimedHow: '' | 'waybill' | 'person'
    createdAt: Date
    createdBy: string
    stockedAt: Date | null
    stockedBy: string | null
    claimedAt: Date | null
    claimedBy: string | null
    facets: number[]
  }
  upload_shop: {
    shopId: string
    enabled: boolean
    rule: unknown
    version: number
    updatedBy: string
    updatedAt: Date
  }
  user_credential: {
    id: string
    userId: string
    accountId: string
    providerId: string
    password: string | null
    accessToken: string | null
    refreshToken: string | null
    idToken: string | null
    accessTokenExpiresAt: Date | null
    refreshTokenExpiresAt: Date | null
    scope: string | null
    createdAt: Date
    updatedAt: Date
  }
  user_role: {
    userId: string
    roleId: string
  }
  user_session: {
    id: string
    userId: string
    token: string
    expiresAt: Date
    ipAddress: string | null
    userAgent: string | null
    createdAt: Date
    updatedAt: Date
  }
  user_two_factor: {
    id: string
    userId: string
    secret: string
    backupCodes: string
    verified: boolean
    failedVerificationCount: number
    lockedUntil: Date | null
    lastStep: string
  }
  user_verification: {
    id: string
    identifier: string
    value: string
    expiresAt: Date
    createdAt: Date
    updatedAt: Date
  }
  warehouse: {
    id: string
    code: string
    name: string
    kind: 'own' | 'outer' | 'defective'
    province: string
    city: string
    priority: number
    active: boolean
    createdAt: Date
    defectiveOf: string | null
    shipSteps: string[]
    printsLast: boolean
  }
  wave: {
    id: string
    no: string
    warehouseId: string
    ruleName: string
    sorting: 'none' | 'picking' | 'after'
    courier: string
    status: 'open' | 'picking' | 'picked' | 'sorting' | 'done' | 'cancelled'
    orderCount: number
    pieceCount: number
    shipBy: Date | null
    createdAt: Date
    createdBy: string
    claimedAt: Date | null
    claimedBy: string | null
    claimedById: string | null
    pickedAt: Date | null
    doneAt: Date | null
    doneBy: string | null
    cancelledAt: Date | null
    cancelledBy: string | null
  }
  wave_delivery: {
    waveId: string
    deliveryId: string
    orderId: string
    shopId: string
    basket: number
    live: boolean
    keeps: boolean
    leftReason: '' | 'short' | 'stopped' | 'gone' | 'cut' | 'cancelled'
    leftAt: Date | null
  }
  wave_line: {
    waveId: string
    seq: number
    skuId: string
    binId: string | null
    picked: number
    missing: number
    doneAt: Date | null
    doneBy: string | null
  }
  wave_piece: {
    waveId: string
    deliveryId: string
    skuId: string
    wanted: number
    picked: number
    sorted: number
  }
  wave_planning: {
    warehouseId: string
    plannedAt: Date
  }
  wave_rule: {
    id: string
    warehouseId: string
    position: number
    name: string
    enabled: boolean
    goods: 'same' | 'single' | 'many' | 'any'
    piecesFrom: number
    piecesTo: number | null
    couriers: string[]
    provinces: string[]
    hoursLeft: number | null
    byCourier: boolean
    byProvince: boolean
    ordersFrom: number
    ordersTo: number
    sorting: 'none' | 'picking' | 'after'
    autoTimes: string[]
    autoOrders: number | null
  }
  wave_scan: {
    waveId: string
    kind: 'pick' | 'short' | 'sort'
    key: string
    userId: string
    userName: string
    at: Date
    answer: unknown
  }
  waybill: {
    id: string
    deliveryId: string
    round: number
    accountId: string
    shopId: string
    courier: string
    state: 'asked' | 'taken' | 'failed' | 'returning' | 'returned' | 'kept'
    waybillNo: string
    printData: Buffer | null
    errorCode: string
    error: string
    actionId: string | null
    askedAt: Date
    askedBy: string
    endedAt: Date | null
    wanted: boolean
    sends: number
    courierOrder: string
    packageCount: number
  }
  waybill_account: {
    id: string
    shopId: string
    source: string
    courier: string
    branchCode: string
    branchName: string
    sender: Buffer
    templateName: string
    templateUrl: string
    warehouseId: string | null
    enabled: boolean
    balance: number | null
    balanceAt: Date | null
    createdAt: Date
    createdBy: string
    templateGoneAt: Date | null
    customAreaUrl: string
    customArea: unknown
    credentials: Buffer | null
    track: 'none' | 'query' | 'subscribe'
    trackHook: string
    trackSalt: Buffer | null
    services: unknown
    insureFromFen: number | null
    insureMostFen: number | null
  }
  waybill_count: {
    id: string
    shopId: string
    source: string
    courier: string
    branchCode: string
    branchName: string
    countedAt: Date
    given: number
    ours: number
    surplus: number
    deliveryIds: string[]
  }
  waybill_package: {
    courier: string
    waybillNo: string
    mainNo: string
    nth: number
    waybillId: string | null
    printData: Buffer | null
    scannedAt: Date | null
    scannedBy: string | null
  }
  waybill_rule: {
    position: number
    platform: string
    courier: string
    warehouseId: string | null
    accountId: string
    enabled: boolean
  }
  waybill_rules: {
    single: boolean
    version: number
    updatedBy: string
    updatedAt: Date
  }
  webhook_message: {
    id: string
    subscriptionId: string
    kind: string
    document: string
    no: string
    shopId: string | null
    warehouseId: string | null
    createdAt: Date
    data: unknown
    state: 'waiting' | 'delivered' | 'given_up'
    attempts: number
    dueAt: Date
    claim: number
    triedAt: Date | null
    answerStatus: number | null
    answerMs: number | null
    failure: unknown | null
  }
  webhook_subscription: {
    id: string
    name: string
    credentials: Buffer
    kinds: string[]
    shopIds: string[] | null
    warehouseIds: string[] | null
    state: 'on' | 'paused' | 'stopped'
    stateAt: Date
    createdAt: Date
    createdBy: string
    lastSentAt: Date | null
    failedSince: Date | null
    failures: number
    failure: unknown | null
  }
}
