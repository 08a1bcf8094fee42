import type { Receiver } from '../../server/connectors/connector.ts'
import { createRandom } from './random.ts'

const surnames = [
  ...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤',
]
const letters = [
  ...'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红文辉建国梅鑫宇浩然子涵雨欣梓萱诗琪思远嘉怡俊博一诺晨曦佳琪慧婷雪颖凯翔鹏飞志远海燕春晓东升',
]
/** The province, its share of the buyers, its cities. */
const places: readonly [string, number, readonly string[]][] = [
  ['广东省', 14, ['广州市', '深圳市', '佛山市', '东莞市', '汕头市']],
  ['浙江省', 11, ['杭州市', '宁波市', '温州市', '金华市']],
  ['江苏省', 11, ['南京市', '苏州市', '无锡市', '徐州市']],
  ['山东省', 7, ['济南市', '青岛市', '烟台市']],
  ['上海', 6, ['上海市']],
  ['北京', 6, ['北京市']],
  ['四川省', 6, ['成都市', '绵阳市', '南充市']],
  ['河南省', 5, ['郑州市', '洛阳市']],
  ['湖北省', 5, ['武汉市', '宜昌市']],
  ['福建省', 4, ['福州市', '厦门市', '泉州市']],
  ['湖南省', 4, ['长沙市', '岳阳市']],
  ['安徽省', 4, ['合肥市', '芜湖市']],
  ['河北省', 3, ['石家庄市', '保定市']],
  ['辽宁省', 3, ['沈阳市', '大连市']],
  ['陕西省', 3, ['西安市']],
  ['广西壮族自治区', 2, ['南宁市', '桂林市']],
  ['云南省', 2, ['昆明市']],
  ['新疆维吾尔自治区', 1, ['乌鲁木齐市', '喀什地区']],
  ['内蒙古自治区', 1, ['呼和浩特市', '包头市']],
  ['青海省', 0.3, ['西宁市']],
  ['西藏自治区', 0.2, ['拉萨市']],
]
const shares = places.reduce((sum, [, share]) => sum + share, 0)
const districts = ['新城区', '滨江区', '高新区', '开发区', '城关区', '南山区', '余杭区', '江北区']
const streets = [
  '文一西路',
  '人民路',
  '解放大道',
  '中山北路',
  '和平街',
  '科技园路',
  '建设路',
  '长江路',
  '滨河大道',
]
const nicks = ['小', '大', '爱吃的', '一只', '快乐', '晚风', '是', 'tb', '不想', '阿']

/** Returns a buyer. The same number is the same person, so that some buy often. */
export function buyerOf(number: number): { nick: string; receiver: Receiver } {
  const random = createRandom(number)
  const mobile = `1${random.pick(['38', '39', '58', '77', '86', '55', '99'])}${String((number * 2_654_435_761) % 100_000_000).padStart(8, '0')}`
  const name = random.pick(surnames) + random.pick(letters) + (random.chance(0.7) ? random.pick(letters) : '')
  const [province, , cities] = placeAt(random.next() * shares)
  return {
    nick: `${random.pick(nicks)}${random.pick(letters)}${random.pick(letters)}${number.toString(36)}`,
    receiver: {
      name,
      mobile,
      phone: '',
      province,
      city: random.pick(cities),
      district: random.pick(districts),
      town: random.chance(0.6) ? `${random.pick(letters)}${random.pick(letters)}街道` : '',
      address: `${random.pick(streets)}${1 + random.int(999)}号${random.pick(letters)}${random.pick(letters)}小区${1 + random.int(40)}幢${1 + random.int(4)}单元${101 + random.int(2900)}室`,
      zip: '310000',
      token: `1${random.int(2 ** 31).toString(36)}${random.int(2 ** 31).toString(36)}${random.int(2 ** 31).toString(36)}${random.int(2 ** 31).toString(36)}|oaid`,
    },
  }
}

function placeAt(point: number) {
  let left = point
  for (const place of places) {
    left -= place[1]
    if (left < 0) return place
  }
  return places[0] ?? (['广东省', 1, ['广州市']] as const)
}
