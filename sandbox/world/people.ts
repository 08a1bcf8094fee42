import { hash32, type Random } from './random.ts'

export interface Person {
  name: string
  mobile: string
  /** The Taobao nick in clear; the gateway masks it. */
  nick: string
  openUid: string
  state: string
  city: string
  district: string
  town: string
  address: string
  zip: string
  /** The last four digits of the buyer's number, with which trade numbers end. */
  tail: string
}

/** Makes the buyers that all trades of a world share, so that 500,000 trades need little memory. */
export function createPeople(random: Random, count: number): Person[] {
  const people: Person[] = []
  for (let i = 0; i < count; i++) people.push(createPerson(random, i))
  return people
}

/** Returns the person with a new address. */
export function moveHome(random: Random, person: Person): Person {
  const home = randomHome(random)
  return { ...person, ...home }
}

function createPerson(random: Random, index: number): Person {
  const surname = random.weighted(SURNAMES)
  const given = random.chance(0.72) ? random.pick(GIVEN_A) + random.pick(GIVEN_B) : random.pick(GIVEN_B)
  const mobile = random.pick(MOBILE_HEADS) + String(random.int(100_000_000)).padStart(8, '0')
  const word = random.pick(NICK_WORDS)
  const nick = random.chance(0.6)
    ? `${word}${random.between(1, 9999)}`
    : `tb${random.between(10_000_000, 999_999_999)}`
  const uid = hash32(`${nick}:${index}`).toString(36) + hash32(`${mobile}:${index}`).toString(36)
  return {
    name: surname + given,
    mobile,
    nick,
    openUid: `AAG${uid.padEnd(14, 'x')}-EAAeGwJedwSHv`,
    ...randomHome(random),
    tail: String(random.int(10_000)).padStart(4, '0'),
  }
}

function randomHome(
  random: Random,
): Pick<Person, 'state' | 'city' | 'district' | 'town' | 'address' | 'zip'> {
  const [state, city, zip, districts] = random.pick(REGIONS)
  const district = random.pick(districts)
  const road = random.pick(ROADS)
  const estate = random.pick(ESTATES)
  const house = `${random.between(1, 38)}幢${random.between(1, 4)}单元${random.between(1, 28)}0${random.between(1, 4)}室`
  const address = random.chance(0.8)
    ? `${road}${random.between(1, 888)}号${estate}${house}`
    : `${road}${random.between(1, 888)}号`
  return { state, city, district, town: `${road.slice(0, 2)}街道`, address, zip }
}

const SURNAMES: readonly (readonly [string, number])[] = [
  ['王', 72],
  ['李', 71],
  ['张', 67],
  ['刘', 54],
  ['陈', 45],
  ['杨', 31],
  ['黄', 27],
  ['赵', 25],
  ['吴', 24],
  ['周', 22],
  ['徐', 18],
  ['孙', 17],
  ['马', 15],
  ['朱', 14],
  ['胡', 13],
  ['郭', 12],
  ['何', 12],
  ['高', 11],
  ['林', 11],
  ['罗', 10],
  ['郑', 10],
  ['梁', 9],
  ['谢', 8],
  ['宋', 8],
  ['唐', 8],
  ['许', 7],
  ['韩', 7],
  ['冯', 6],
  ['邓', 6],
  ['曹', 6],
  ['彭', 6],
  ['曾', 6],
  ['肖', 6],
  ['田', 5],
  ['董', 5],
  ['袁', 5],
  ['潘', 5],
  ['蒋', 4],
  ['蔡', 4],
  ['余', 4],
  ['杜', 4],
  ['叶', 4],
  ['程', 4],
  ['苏', 4],
  ['魏', 3],
  ['吕', 3],
  ['丁', 3],
  ['沈', 3],
  ['欧阳', 1],
  ['司马', 1],
]
const GIVEN_A = [...'子晓雨思佳志文明海建国春秋玉美丽俊浩天宇欣嘉梓诗若一依清慧书亦安景昊泽铭']
const GIVEN_B = [...'涵婷轩怡悦宁琪洁敏静丽强军杰涛超勇艳娟刚平辉鹏飞玲桂英华兰霞红梅琴云博睿妍萱彤然航']
const NICK_WORDS = [
  '小鹿',
  '橘子汽水',
  '山间',
  '晚风',
  '阿柚',
  '木棉',
  '不吃香菜',
  '慢慢来',
  '半夏',
  '奶茶三分糖',
  '南方有鱼',
  '云朵',
  '大海',
  '星河',
  '栗子',
  '青柠',
  'sunny',
  'mia',
  '糯米团子',
  '芒果布丁',
]
const MOBILE_HEADS = [
  '133',
  '135',
  '136',
  '137',
  '138',
  '139',
  '150',
  '151',
  '152',
  '158',
  '159',
  '176',
  '177',
  '180',
  '181',
  '186',
  '187',
  '188',
  '189',
  '199',
]
const ROADS = [
  '文三路',
  '中山北路',
  '解放路',
  '人民路',
  '建设大道',
  '学院路',
  '滨河路',
  '和平路',
  '长江路',
  '青年大街',
  '科技园路',
  '湖滨路',
  '新华街',
  '朝阳路',
  '凤起路',
  '江南大道',
  '翠湖路',
  '金水路',
  '天府大道',
  '光谷大道',
]
const ESTATES = [
  '翠苑小区',
  '阳光花园',
  '锦绣江南',
  '万科城',
  '碧桂园',
  '绿城春江',
  '世纪新城',
  '保利香槟',
  '龙湖天街',
  '和园',
  '金地名苑',
  '紫金家园',
  '玫瑰园',
  '江畔雅居',
  '中海国际',
]

type Region = readonly [state: string, city: string, zip: string, districts: readonly string[]]
const REGIONS: readonly Region[] = [
  ['北京', '北京市', '100000', ['朝阳区', '海淀区', '丰台区', '通州区', '昌平区']],
  ['上海', '上海市', '200000', ['浦东新区', '徐汇区', '闵行区', '杨浦区', '宝山区']],
  ['天津', '天津市', '300000', ['和平区', '南开区', '西青区', '滨海新区']],
  ['重庆', '重庆市', '400000', ['渝中区', '渝北区', '江北区', '沙坪坝区']],
  ['浙江省', '杭州市', '310000', ['余杭区', '西湖区', '上城区', '滨江区', '萧山区']],
  ['浙江省', '宁波市', '315000', ['鄞州区', '海曙区', '江北区', '慈溪市']],
  ['浙江省', '温州市', '325000', ['鹿城区', '瓯海区', '瑞安市', '乐清市']],
  ['浙江省', '金华市', '321000', ['婺城区', '义乌市', '东阳市']],
  ['江苏省', '苏州市', '215000', ['吴中区', '工业园区', '昆山市', '常熟市']],
  ['江苏省', '南京市', '210000', ['鼓楼区', '建邺区', '江宁区', '栖霞区']],
  ['江苏省', '无锡市', '214000', ['滨湖区', '梁溪区', '江阴市']],
  ['江苏省', '南通市', '226000', ['崇川区', '通州区', '海门区']],
  ['广东省', '深圳市', '518000', ['南山区', '福田区', '宝安区', '龙岗区']],
  ['广东省', '广州市', '510000', ['天河区', '越秀区', '番禺区', '白云区']],
  ['广东省', '东莞市', '523000', ['南城街道', '虎门镇', '长安镇']],
  ['广东省', '佛山市', '528000', ['禅城区', '南海区', '顺德区']],
  ['四川省', '成都市', '610000', ['武侯区', '锦江区', '高新区', '双流区']],
  ['四川省', '绵阳市', '621000', ['涪城区', '游仙区']],
  ['湖北省', '武汉市', '430000', ['洪山区', '武昌区', '江汉区', '汉阳区']],
  ['湖北省', '宜昌市', '443000', ['西陵区', '伍家岗区']],
  ['湖南省', '长沙市', '410000', ['岳麓区', '雨花区', '芙蓉区']],
  ['湖南省', '株洲市', '412000', ['天元区', '芦淞区']],
  ['河南省', '郑州市', '450000', ['金水区', '二七区', '中原区', '郑东新区']],
  ['河南省', '洛阳市', '471000', ['洛龙区', '西工区']],
  ['山东省', '青岛市', '266000', ['市南区', '崂山区', '黄岛区', '城阳区']],
  ['山东省', '济南市', '250000', ['历下区', '市中区', '历城区']],
  ['山东省', '烟台市', '264000', ['芝罘区', '莱山区']],
  ['福建省', '厦门市', '361000', ['思明区', '湖里区', '集美区']],
  ['福建省', '福州市', '350000', ['鼓楼区', '仓山区', '晋安区']],
  ['福建省', '泉州市', '362000', ['丰泽区', '晋江市', '石狮市']],
  ['安徽省', '合肥市', '230000', ['蜀山区', '包河区', '庐阳区']],
  ['江西省', '南昌市', '330000', ['红谷滩区', '青山湖区']],
  ['河北省', '石家庄市', '050000', ['长安区', '裕华区', '桥西区']],
  ['河北省', '唐山市', '063000', ['路北区', '路南区']],
  ['山西省', '太原市', '030000', ['小店区', '迎泽区']],
  ['陕西省', '西安市', '710000', ['雁塔区', '碑林区', '未央区', '长安区']],
  ['辽宁省', '大连市', '116000', ['沙河口区', '甘井子区', '中山区']],
  ['辽宁省', '沈阳市', '110000', ['和平区', '铁西区', '浑南区']],
  ['吉林省', '长春市', '130000', ['朝阳区', '南关区']],
  ['黑龙江省', '哈尔滨市', '150000', ['南岗区', '道里区', '松北区']],
  ['广西壮族自治区', '南宁市', '530000', ['青秀区', '西乡塘区', '良庆区']],
  ['云南省', '昆明市', '650000', ['五华区', '盘龙区', '官渡区']],
  ['贵州省', '贵阳市', '550000', ['观山湖区', '南明区', '云岩区']],
  ['海南省', '海口市', '570000', ['龙华区', '美兰区']],
  ['甘肃省', '兰州市', '730000', ['城关区', '七里河区']],
  ['内蒙古自治区', '呼和浩特市', '010000', ['新城区', '赛罕区']],
  ['新疆维吾尔自治区', '乌鲁木齐市', '830000', ['天山区', '水磨沟区']],
]
