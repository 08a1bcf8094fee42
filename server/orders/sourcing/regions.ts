import { shortRegion } from '../../lib/text-hash.ts'

// Parses regions as people and platforms write them: with or without spaces, with or without 省 and 市.

const provinces = [
  ...[
    '北京',
    '天津',
    '上海',
    '重庆',
    '河北',
    '山西',
    '内蒙古',
    '辽宁',
    '吉林',
    '黑龙江',
    '江苏',
    '浙江',
    '安徽',
    '福建',
  ],
  ...[
    '江西',
    '山东',
    '河南',
    '湖北',
    '湖南',
    '广东',
    '广西',
    '海南',
    '四川',
    '贵州',
    '云南',
    '西藏',
    '陕西',
    '甘肃',
  ],
  ...['青海', '宁夏', '新疆', '台湾', '香港', '澳门'],
]
const suffix = '省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区'
/** A province and the text after it. A province's name without its suffix does not match if it begins the name of a city: 吉林市, 海南藏族自治州. */
const provinceFirst = new RegExp(
  `^(${provinces.join('|')})(?:(?:${suffix})(.*)|(?![市州县区盟旗]|藏族)(.+))$`,
)
const cityFirst = /^(.{2,}?(?:市|自治州|地区|盟))(.{2,})$/
/** Suffixes to remove: 延边朝鲜族自治州 → 延边; 大兴安岭地区 → 大兴安岭. */
const cityRank =
  /(?:(?:朝鲜|土家|苗|藏|羌|彝|布依|侗|哈尼|壮|傣|白|景颇|傈僳|回|蒙古|哈萨克)族?|柯尔克孜)*自治州$|(?<=..)地区$|(?<=..)盟$/

/** 浙江省杭州市西湖区 → 浙江, 杭州, 西湖区. */
function parts(word: string): string[] {
  const [, province, behind = '', bare = ''] = provinceFirst.exec(word) ?? []
  if (province !== undefined) return [province, ...cityParts(behind || bare)]
  return cityParts(word)
}

function cityParts(word: string): string[] {
  const [, city = word, district = ''] = cityFirst.exec(word) ?? []
  return [city, district].filter(Boolean).map((part) => shortRegion(part).replace(cityRank, ''))
}

const known: ReadonlySet<string> = new Set(provinces)
export const hasProvince = (region: string): boolean => known.has(regionWords(region)[0] ?? '')

// Limits the remembered regions. Orders have some thousands of different regions, which are parsed again and again.
const rememberedMax = 20_000
const remembered = new Map<string, readonly string[]>()

/** Words of a region: "浙江省 杭州市", "浙江省杭州市" → 浙江, 杭州; 内蒙古自治区 → 内蒙古. */
export function regionWords(text: string): readonly string[] {
  const known = remembered.get(text)
  if (known) return known
  const words = text.split(/\s+/).filter(Boolean).flatMap(parts)
  if (remembered.size >= rememberedMax) remembered.clear()
  remembered.set(text, words)
  return words
}
