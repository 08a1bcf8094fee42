import { type Json, part, readJson, rows, textIn } from '../json-parts.ts'
import { cancelLabel, figuresOf, takeLabels } from '../world/label-books.ts'
import { branchAddress, type Label, whyNotPackage, whyNotPackages } from '../world/labels.ts'
import { isShippable, type Shop, type Trade } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { badParam, done, type KsCall, type KsError, type KsMethod, wholeIn, wordIn, wrong } from './call.ts'
import { ciphersOf, reasonsOf, sellerOf } from './order-json.ts'

/** The letters of a courier, expressCompanyType (1 直营, 2 加盟), the code under which the world keeps its books, and its number when goods are shipped. */
const SUBSCRIBED: readonly (readonly [letters: string, type: number, book: string, express: number])[] = [
  ['YTO', 2, 'YTO', 6],
  ['ZTO', 2, 'ZTO', 9],
  ['STO', 2, 'STO', 3],
  ['YUNDA', 2, 'YUNDA', 11],
  ['JT', 2, 'JTSD', 109],
  ['SF', 1, 'SF', 4],
  ['POSTB', 1, 'POSTB', 8],
]

const subscribed = (asked: string) => SUBSCRIBED.filter(([letters]) => asked === '' || letters === asked)
const bookOf = (letters: string) => SUBSCRIBED.find(([known]) => known === letters)?.[2]
/** The number of the courier that gave this label. */
export const expressOf = ({ courier }: Label): number =>
  SUBSCRIBED.find(([, , book]) => book === courier)?.[3] ?? 0

const siteCode = (book: string) => `${book}571001`
const siteName = (book: string) => `杭州余杭${book}网点`
const settleAccount = (book: string) => `571${hash32(`settle ${book}`) % 10_000_000}`

/** open.express.subscribe.query: the branches of the shop, all or of one courier. A direct courier has an account and no site. */
export const subscribeQuery: KsMethod = ({ sandbox, shop, param }) => ({
  data: subscribed(wordIn(param, 'expressCompanyCode')).map(([letters, type, book]) => {
    const { balance, used, cancelled } = figuresOf(sandbox.world, shop, book)
    return {
      expressCompanyCode: letters,
      expressCompanyType: type,
      netSiteCode: type === 1 ? '' : siteCode(book),
      netSiteName: type === 1 ? '' : siteName(book),
      settleAccount: type === 1 ? settleAccount(book) : '',
      availableQuantity: type === 1 ? 0 : balance,
      allocatedQuantity: used,
      usedQuantity: 0,
      cancelQuantity: cancelled,
      recycledQuantity: 0,
      senderAddress: [{ ...addressOf(shop), countryCode: 'CHN', streetName: '' }],
    }
  }),
})

function addressOf(shop: Shop) {
  const { province, city, district, detail } = branchAddress(shop)
  return { provinceName: province, cityName: city, districtName: district, detailAddress: detail }
}

const templateUrl = (code: string) => `https://s2-11673.kwimgs.com/kos/nlav11673/cloudprint/${code}.xml`
const templateCode = (letters: string) => `${letters}_76_130`

/** open.express.standard.template.list.get: the standard labels. */
export const templateList: KsMethod = ({ param }) => ({
  data: subscribed(wordIn(param, 'expressCompanyCode')).map(([letters]) => ({
    templateName: `${letters} 一联单 76×130`,
    templateCode: templateCode(letters),
    templateUrl: templateUrl(templateCode(letters)),
    templateExampleUrl: '',
    expressCompanyCode: letters,
    waybillType: 6,
  })),
})

/** open.express.custom.tempate.list.query: the one area that the seller has designed for each label. */
export const customTemplateList: KsMethod = ({ param }) => {
  if (![1, 2, 3].includes(wholeIn(param, 'type') ?? 0)) return badParam('type')
  const asked = wordIn(param, 'standardTemplateCode')
  const found = SUBSCRIBED.filter(([letters]) => asked === '' || templateCode(letters) === asked)
  return {
    data: found.map(([letters]) => ({
      customTemplateName: '商品区',
      customTemplateCode: `own_${letters}`,
      customTemplateUrl: templateUrl(`own_${letters}`),
      standardTemplateCode: templateCode(letters),
      expressCompanyCode: letters,
      type: 1,
      placeholderKeys: ['productInfo', 'shopName', 'orderId', 'remark', 'productCount'],
    })),
  }
}

const MOST_REQUESTS = 10

/** open.express.ebill.get: each request of the list is answered for itself, with its numbers or with the reason why it has none. */
export const ebillGet: KsMethod = (call) => {
  const list = rows(call.param, 'getEbillOrderRequest')
  if (list.length === 0) return badParam('getEbillOrderRequest', '不能为空')
  if (list.length > MOST_REQUESTS) return badParam('getEbillOrderRequest', `不能超过${MOST_REQUESTS}个`)
  const ids = list.map((one) => wordIn(one, 'requestId'))
  if (ids.some((id) => id === '' || id.length > 128) || new Set(ids).size < ids.length)
    return badParam('requestId', '为空、过长或重复')
  return { data: list.map((one) => ({ requestId: wordIn(one, 'requestId'), ...numberFor(call, one) })) }
}

const refused = (result: number, message: string) => ({
  data: [],
  baseResponse: { result, success: false, message },
})

/** An order gets the same numbers again under the same packageCode. */
function numberFor(call: KsCall, asked: Json) {
  const { shop, sandbox } = call
  const [tid, packageCode] = [wordIn(asked, 'tradeOrderCode'), wordIn(asked, 'packageCode')]
  const book = bookOf(wordIn(asked, 'expressCompanyCode'))
  if (book === undefined) return refused(30_001, '商家未订购该物流公司的电子面单')
  if (packageCode === '') return refused(30_002, '包裹号不能为空')
  const known = sandbox.world.labels.given.filter(
    (one) => one.shop === shop && one.tids[0] === tid && one.packageId === packageCode,
  )
  const problem = known.length > 0 ? whyNotAgain(known, book) : whyNot(call, asked, book)
  if (problem !== undefined) return refused(problem.result, problem.error)
  const labels = known.length > 0 ? known : takeLabels(sandbox.world, shop, book, [wanted(asked)])
  if (labels === undefined) return refused(30_003, '网点电子面单余额不足')
  return { data: labels.map(labelJson), baseResponse: { result: 1, success: true, message: 'SUCCESS' } }
}

function whyNotAgain(known: readonly Label[], book: string): KsError | undefined {
  if (known.some(({ courier }) => courier !== book)) return wrong(30_004, '该包裹号已用其他物流公司取号')
  return known.some(({ cancelled }) => cancelled) ? wrong(30_005, '该包裹号的电子面单已取消') : undefined
}

const wanted = (asked: Json) => ({
  objectId: wordIn(asked, 'requestId'),
  packageId: wordIn(asked, 'packageCode'),
  tids: [wordIn(asked, 'tradeOrderCode')],
  weight: textIn(asked, 'totalPackageWeight'),
  packages: textIn(asked, 'totalPackageQuantity'),
  services: '',
  printData: (sealed: string, signature: string) =>
    JSON.stringify({ printData: sealed, signature: `ks${signature}` }),
})

function labelJson({ waybill, parent, printData }: Label): Json {
  const { printData: sealed, signature } = { ...readJson(printData) }
  return {
    waybillCode: waybill,
    ...(parent === '' ? {} : { parentWaybillCode: parent }),
    ...{ printData: sealed, signature, key: `key-${String(signature)}`, version: '1.0' },
  }
}

function whyNot(call: KsCall, asked: Json, book: string): KsError | undefined {
  return (
    whyNotSite(asked, book) ??
    whyNotSender(call.shop, asked) ??
    whyNotOrder(call, asked) ??
    whyNotParcel(call, asked, book)
  )
}

/** A franchise is named by code and name of its site; a direct courier by the account of the shop, and the way of payment. */
function whyNotSite(asked: Json, book: string): KsError | undefined {
  const isDirect = SUBSCRIBED.some(([, type, known]) => known === book && type === 1)
  if (!isDirect) {
    const isOwn =
      wordIn(asked, 'netSiteCode') === siteCode(book) && wordIn(asked, 'netSiteName') === siteName(book)
    return isOwn ? undefined : wrong(30_006, '网点编码或网点名称不正确')
  }
  if (wordIn(asked, 'settleAccount') !== settleAccount(book)) return wrong(30_007, '客户编码不正确')
  if (wholeIn(asked, 'payMethod') === undefined) return wrong(30_008, '支付方式不能为空')
  const extra = readJson(wordIn(asked, 'extData')) ?? {}
  if (book === 'SF' && textIn(extra, 'isvClientCode') === '')
    return wrong(30_009, '顺丰取号extData缺少isvClientCode')
  if (book === 'POSTB' && textIn(extra, 'oneBillFeeType') !== '1')
    return wrong(30_009, '邮政取号extData缺少oneBillFeeType')
  return undefined
}

function whyNotSender(shop: Shop, asked: Json): KsError | undefined {
  const [contact, address] = [part(asked, 'senderContract'), part(asked, 'senderAddress')]
  if (wordIn(contact, 'name') === '' || wordIn(contact, 'mobile') === '')
    return wrong(30_010, '发货人联系方式不能为空')
  const isOwn = Object.entries(addressOf(shop)).every(([key, value]) => wordIn(address, key) === value)
  return isOwn ? undefined : wrong(30_011, '发货地址不在订购的发货地址内')
}

function whyNotOrder({ shop }: KsCall, asked: Json): KsError | undefined {
  if (wordIn(asked, 'orderChannel') !== 'KUAI_SHOU') return wrong(30_012, '订单渠道不正确')
  const trade = shop.trades.get(wordIn(asked, 'tradeOrderCode'))
  if (trade === undefined) return wrong(30_013, '订单不存在')
  const { openId, nick } = sellerOf(shop)
  if (wordIn(asked, 'merchantCode') !== openId || wordIn(asked, 'merchantName') !== nick)
    return wrong(30_014, '商家编码或商家名称与订单不一致')
  if (!isShippable(trade) || reasonsOf(trade).length > 0) return wrong(30_015, '订单状态不允许取号')
  return whyNotReceiver(trade, asked)
}

/** The three ciphertexts of the order itself; neither plain text, nor a mask, nor those of another order. */
function whyNotReceiver(trade: Trade, asked: Json): KsError | undefined {
  const [contact, address] = [part(asked, 'receiverContract'), part(asked, 'receiverAddress')]
  const given = [wordIn(contact, 'name'), wordIn(contact, 'mobile'), wordIn(address, 'detailAddress')]
  if (!ciphersOf(trade).every((cipher, at) => given[at] === cipher))
    return wrong(30_016, '收货人信息与订单密文不一致')
  const { state, city, district } = trade.receiver
  const place = { provinceName: state, cityName: city, districtName: district }
  const isSame = Object.entries(place).every(([key, value]) => wordIn(address, key) === value)
  return isSame ? undefined : wrong(30_016, '收货地址与订单不一致')
}

function whyNotParcel({ shop }: KsCall, asked: Json, book: string): KsError | undefined {
  const items = rows(asked, 'itemList')
  const isNamed = (item: Json) => wordIn(item, 'itemTitle') !== '' && (wholeIn(item, 'itemQuantity') ?? 0) > 0
  if (items.length === 0 || !items.every(isNamed)) return wrong(30_017, '商品信息不能为空')
  const count = textIn(asked, 'totalPackageQuantity')
  if (count === '') return wrong(30_018, '包裹总数量不能为空')
  if (rows(asked, 'expressServices').length > 0) return wrong(30_019, '没有开通该增值服务')
  const trades = [...shop.trades.values()].filter(({ tid }) => tid === wordIn(asked, 'tradeOrderCode'))
  const weight = textIn(asked, 'totalPackageWeight')
  const problem = whyNotPackages(count, book) ?? whyNotPackage({ weight, services: '' }, trades, book)
  return problem === undefined ? undefined : wrong(30_020, problem)
}

/** open.express.ebill.cancel: a cancelled number stays cancelled; the balance gets it back once. */
export const ebillCancel: KsMethod = ({ sandbox, shop, param }) => {
  const book = bookOf(wordIn(param, 'expressCompanyCode'))
  if (book === undefined) return badParam('expressCompanyCode')
  const result = cancelLabel(sandbox.world, shop, { courier: book, waybill: wordIn(param, 'waybillCode') })
  if (result === 'unknown') return wrong(21, '电子面单不存在')
  return result === 'under_way' ? wrong(21, '电子面单已使用，不能取消') : done
}
