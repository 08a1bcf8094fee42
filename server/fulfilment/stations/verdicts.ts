import type { LocalizedText } from '../../lib/localized-text.ts'
import type { WorkState } from '../lifecycle.ts'
import type { ReplyKind, ScannedPackage, ScanReply, StationLine, StationStop } from './contract.ts'

// What a station says of a scan. Pure: words and rules, no database.

const said = (
  kind: ReplyKind,
  message: LocalizedText,
  hint: LocalizedText = { zh: '', en: '' },
): ScanReply => ({
  kind,
  message,
  hint,
  unchecked: false,
})

type Goods = Pick<StationLine, 'name' | 'spec'>
const named = ({ name, spec }: Goods) => `${name} ${spec}`.trim()
const counted = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`
const kg = (grams: number) => (grams / 1000).toFixed(2)

export const wantedOf = (lines: readonly StationLine[]) => lines.reduce((sum, { wanted }) => sum + wanted, 0)
export const leftOf = (lines: readonly StationLine[]) =>
  lines.reduce((sum, { wanted, counted }) => sum + Math.max(0, wanted - counted), 0)
/** Pieces that were counted and are wanted no more, because a refund took them off. */
export const surplusOf = (lines: readonly StationLine[]) =>
  lines.find(({ wanted, counted }) => counted > wanted)
export const nextOf = <Line extends StationLine>(lines: readonly Line[]) =>
  lines.find(({ wanted, counted }) => counted < wanted)

/** The difference that a weight may have: 3 %, at least 50 g. */
export const toleranceOf = (expectedGrams: number) => Math.max(Math.round(expectedGrams * 0.03), 50)

/** Returns the weight of the goods; undefined: a weight is not known. */
export function expectedOf(
  parts: readonly { weightGrams: number | null; wanted: number }[],
): number | undefined {
  let sum = 0
  for (const { weightGrams, wanted } of parts) {
    if (!weightGrams) return undefined
    sum += weightGrams * wanted
  }
  return sum
}

export const verdicts = {
  noParcel: said(
    'idle',
    { zh: '先扫运单', en: 'Scan a waybill first' },
    { zh: '也可以扫发货单号、订单号、波次的篮子', en: 'Or a delivery, an order or a basket of a wave' },
  ),
  opened(lines: readonly StationLine[], next: NextStep): ScanReply {
    if (leftOf(lines) === 0) return said('opened', ...nextWords(next))
    const [kinds, pieces] = [lines.length, wantedOf(lines)]
    return said(
      'opened',
      {
        zh: `${kinds} 种 ${pieces} 件，扫商品`,
        en: `${counted(pieces, 'piece')} of ${counted(kinds, 'kind')}: scan the goods`,
      },
      { zh: `还差 ${leftOf(lines)} 件`, en: `${leftOf(lines)} left` },
    )
  },
  /** `pieces`: how many the scan counted; several of a SKU that is scanned once. */
  right(line: StationLine, left: number, pieces: number): ScanReply {
    return said(
      'right',
      { zh: `对，还差 ${left} 件`, en: `Right, ${left} left` },
      line.scanOnce
        ? {
            zh: `整单一扫：${named(line)}，${pieces} 件都算数`,
            en: `One scan counts all: ${named(line)}, ${pieces}`,
          }
        : {
            zh: `刚扫：${named(line)}，第 ${line.counted} 件`,
            en: `Just scanned: ${named(line)}, piece ${line.counted}`,
          },
    )
  },
  serial: (line: StationLine) =>
    said(
      'serial',
      { zh: '扫串号', en: 'Scan its serial number' },
      {
        zh: `${named(line)}，第 ${line.counted} 件的 SN 或 IMEI`,
        en: `SN or IMEI of ${named(line)}, piece ${line.counted}`,
      },
    ),
  noSerial: (line: StationLine) =>
    said(
      'wrong',
      { zh: '不对，要扫串号', en: 'Wrong: its serial number is wanted' },
      {
        zh: `${named(line)}，第 ${line.counted} 件的 SN 或 IMEI。没有就按 Esc 重扫`,
        en: `SN or IMEI of ${named(line)}, piece ${line.counted}. Without one press Esc and scan again`,
      },
    ),
  serialTwice: (serial: string) =>
    said(
      'wrong',
      { zh: '这个串号扫过了', en: 'This serial number was scanned' },
      {
        zh: `${serial} 已在这一单。扫这一件自己的`,
        en: `${serial} is in this parcel. Scan that of this piece`,
      },
    ),
  done: (next: NextStep) => said('done', ...nextWords(next)),
  noNumber: (why: LocalizedText) =>
    said('stuck', { zh: '验完了，取不到号', en: 'Checked, but there is no number' }, why),
  shipped(pieces: number, grams: number | null): ScanReply {
    const weight = grams === null ? '' : ` ${kg(grams)} kg`
    return said(
      'shipped',
      { zh: `发了，${pieces} 件${weight}`, en: `Shipped: ${pieces}${weight}` },
      { zh: '已发货，正在回写平台。扫下一单的运单', en: 'The platform is being told. Scan the next waybill' },
    )
  },
  wrong(got: Goods, wants: StationLine | undefined): ScanReply {
    return said(
      'wrong',
      {
        // A long line is cut off at its end, so the wanted goods come first.
        zh: `不对，${wants ? `要 ${wants.name}，` : ''}这是 ${got.name}`,
        en: `Wrong: ${wants ? `${wants.name} is wanted, ` : ''}this is ${got.name}`,
      },
      {
        zh: `扫到：${named(got)}。放回${wants ? `，再扫 ${named(wants)}${tail(wants.barcodeTail)}` : ''}`,
        en: `Scanned: ${named(got)}. Put it back${wants ? ` and scan ${named(wants)}` : ''}`,
      },
    )
  },
  extra(got: StationLine): ScanReply {
    return said(
      'extra',
      { zh: `多了，${got.name} 这一单已够`, en: `Too many: there is enough ${got.name}` },
      { zh: `只要 ${got.wanted} 件。放回`, en: `${got.wanted} wanted. Put it back` },
    )
  },
  surplus(line: StationLine): ScanReply {
    return said(
      'extra',
      {
        zh: `拿出 ${line.counted - line.wanted} 件 ${line.name}`,
        en: `Take out ${line.counted - line.wanted} ${line.name}`,
      },
      {
        zh: '买家退了这些。拿出后按 Esc 重扫',
        en: 'They were refunded. Take them out, then press Esc and scan again',
      },
    )
  },
  unknown: (code: string) =>
    said(
      'unknown',
      { zh: `不认识 ${code}`, en: `Unknown code ${code}` },
      {
        zh: '不是运单、发货单或订单，也不是商品条码或商家编码',
        en: 'It is no waybill, delivery or order, and no code or barcode of goods',
      },
    ),
  severalBaskets: (code: string) =>
    said(
      'unknown',
      { zh: `有几个波次用 ${code}`, en: `Several waves use ${code}` },
      { zh: '扫面单或发货单号', en: 'Scan the label or the delivery number' },
    ),
  busy: (station: string, user: string) =>
    said(
      'busy',
      { zh: `${station} 正在验这一单`, en: `${station} is checking this parcel` },
      { zh: `${user} 在验。放到那一台去`, en: `${user} has it. Take it there` },
    ),
  stop: (stop: StationStop): ScanReply => said('stop', stopTitle(stop.code), stop.message),
  aside: said(
    'aside',
    { zh: '放好了，扫下一单', en: 'Set aside. Scan the next' },
    { zh: '数过的都留着', en: 'The counts are kept' },
  ),
  short: said(
    'aside',
    { zh: '少货，已挂起等货', en: 'Goods missing: on hold' },
    { zh: '放一边，扫下一单。数过的都留着', en: 'Set it aside and scan the next. The counts are kept' },
  ),
  notHeld: (why: LocalizedText) =>
    said('stuck', { zh: '少货，没挂起来', en: 'Goods missing, not on hold' }, why),
  recounted: said('opened', { zh: '从头扫', en: 'Scan from the beginning' }),
  off(grams: number, expected: number): ScanReply {
    const less = grams < expected
    const gap = kg(Math.abs(grams - expected))
    return said(
      'off',
      {
        zh: `${less ? '轻' : '重'}了 ${gap} kg，没发`,
        en: `${gap} kg too ${less ? 'light' : 'heavy'}, not shipped`,
      },
      {
        zh: `应 ${kg(expected)}，秤上 ${kg(grams)}。查好再称，或写明原因放行`,
        en: `${kg(expected)} expected, ${kg(grams)} on the scale. Check and weigh again, or give the reason`,
      },
    )
  },
  notYet: said('stuck', { zh: '还没验完，不能称', en: 'Not checked yet: it cannot be weighed' }),
  stuck: (message: LocalizedText) => said('stuck', { zh: '没发', en: 'Not shipped' }, message),
}

const tail = (digits: string) => (digits === '' ? '' : ` 尾号 ${digits}`)

type NextStep = { workState: WorkState; printsLast: boolean; packages: readonly ScannedPackage[] }

/** The step that follows when the goods are counted. */
function nextWords({ workState: next, printsLast, packages }: NextStep): [LocalizedText, LocalizedText] {
  if (printsLast && next === 'number')
    return [
      { zh: '验完了，正在取号', en: 'Checked. Its number is being taken' },
      { zh: '取到就自动打面单', en: 'Then its label is printed automatically' },
    ]
  if (printsLast && next === 'print')
    return [
      { zh: '验完了，正在打面单', en: 'Checked. Its label is being printed' },
      packages.length > 1
        ? { zh: '每个包裹贴好，再逐个扫面单', en: 'Put one on each package, then scan each' }
        : { zh: '贴好面单，不用再扫', en: 'Put it on. It need not be scanned' },
    ]
  if (next === 'weigh')
    return [
      { zh: '验完了，称重', en: 'Checked. Weigh it' },
      { zh: '放上秤，或敲克数回车', en: 'Put it on the scale, or type the grams and press Enter' },
    ]
  if (next === 'print')
    return [
      { zh: '验完了，面单还没打', en: 'Checked. Its label is not printed' },
      { zh: '按 F4 打印，再扫面单', en: 'Press F4 to print it, then scan the label' },
    ]
  if (next === 'wave')
    return [
      { zh: '验完了，波次还没拣完', en: 'Checked. Its wave is not picked' },
      { zh: '先把波次做完，再扫面单', en: 'Finish the wave, then scan the label' },
    ]
  if (next === 'number')
    return [
      { zh: '验完了，还没运单号', en: 'Checked. It has no waybill' },
      { zh: '先取号，打印后扫面单', en: 'Take a number, print the label, and scan it' },
    ]
  const missing = packages.filter(({ isScanned }) => !isScanned).map(({ n }) => n)
  if (next === 'ready' && missing.length > 0) {
    const left = `${missing.length}/${packages.length}`
    return [
      { zh: `扫其余包裹的面单，差 ${left}`, en: `Scan the labels of the other packages: ${left} left` },
      { zh: `还没扫：第 ${missing.join('、')} 个`, en: `Not scanned: ${missing.join(', ')}` },
    ]
  }
  return [
    { zh: '验完了', en: 'Checked' },
    { zh: '', en: '' },
  ]
}

function stopTitle(code: string): LocalizedText {
  const titles: Record<string, LocalizedText> = {
    address_changed: { zh: '拦下，改了地址', en: 'STOP: the address changed' },
    courier_changed: { zh: '拦下，改了指定快递', en: 'STOP: another courier is designated' },
    already_shipped: { zh: '拦下，已经发过', en: 'STOP: shipped already' },
    voided: { zh: '拦下，已作废', en: 'STOP: cancelled' },
    wrong_waybill: { zh: '拦下，面单不对', en: 'STOP: wrong label' },
    old_number: { zh: '拦下，面单作废了', en: 'STOP: this label is void' },
  }
  return titles[code] ?? { zh: '拦下，不发', en: 'STOP: do not ship' }
}

export const stops = {
  shipped: (by: string, at: string): StationStop => ({
    code: 'already_shipped',
    message: { zh: `${at} ${by} 发的。别装车，叫主管`, en: `Shipped ${at} by ${by}. Do not load it` },
  }),
  voided: {
    code: 'voided',
    message: { zh: '发货单已取消，货放回', en: 'The delivery was cancelled. Put the goods back' },
  },
  wrongWaybill: (other: string, own: string): StationStop => ({
    code: 'wrong_waybill',
    message: {
      zh: `这是 ${other} 的面单，台上是 ${own}。找到对的面单，扫它继续`,
      en: `This label belongs to ${other}; ${own} is on the station. Scan the right label to go on`,
    },
  }),
  oldNumber: {
    code: 'old_number',
    message: {
      zh: '这个单号已退回，包裹有新单号或已取消。撕掉，打新面单',
      en: 'This number was given back. Remove the label and print the new one',
    },
  },
} satisfies Record<string, StationStop | ((...input: string[]) => StationStop)>
