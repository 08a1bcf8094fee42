export type City = { name: string; districts: readonly string[] }
export type Province = { name: string; cities: readonly City[] }

type AreaList = Record<'province_list' | 'city_list' | 'county_list', Record<string, string>>

let loaded: Promise<readonly Province[]> | undefined

/** Loads the provinces of China with their cities and districts. The code is separate, and loaded when a form or a sheet has an address. */
export function loadDivisions(): Promise<readonly Province[]> {
  loaded ??= import('@vant/area-data').then(({ areaList }) => provincesOf(areaList))
  return loaded
}

const notPlaces = new Set(['其它区', '市辖区', '其他'])

/**
 * Each level of the data has two digits of the code. Cities outside a prefecture (仙桃市, 石河子市) are below an artificial heading in the data;
 * here they are cities without districts.
 */
export function provincesOf(data: AreaList): Province[] {
  const districts = Map.groupBy(Object.entries(data.county_list), ([code]) => code.slice(0, 4))
  const cities = Map.groupBy(Object.entries(data.city_list), ([code]) => code.slice(0, 2))
  const districtsOf = (code: string) =>
    (districts.get(code.slice(0, 4)) ?? []).map(([, name]) => name).filter((name) => !notPlaces.has(name))
  return Object.entries(data.province_list).map(([code, name]) => ({
    name,
    cities: (cities.get(code.slice(0, 2)) ?? []).flatMap(([cityCode, city]) => {
      const below = districtsOf(cityCode)
      if (/直辖县/.test(city)) return below.map((direct) => ({ name: direct, districts: [] }))
      // The counties of a municipality are below an entry 县 in the data. They are added to the districts of the municipality's city.
      return city === '县' ? [] : [{ name: city, districts: [...below, ...countiesOf(cityCode)] }]
    }),
  }))

  function countiesOf(cityCode: string): string[] {
    const next = `${cityCode.slice(0, 3)}2`
    return data.city_list[`${next}00`] === '县' ? districtsOf(next) : []
  }
}

/**
 * Returns how people write the name of a division: 浙江省 also as 浙江; 延边朝鲜族自治州 as 延边 or 延边州; 双江拉祜族佤族布朗族傣族自治县 as 双江 or 双江县. `whole`: the forms
 * with their rank; `short`: the form without it.
 */
export function writtenAs(name: string): { whole: readonly string[]; short: string } {
  const base = name
    .replace(/(特别行政区|自治[区州县旗])$/, '')
    .replace(/(?<=..)(省|市|区|县|旗|盟|地区|林区|矿区)$/, name.length > 2 && !/自治/.test(name) ? '' : '$1')
  const short = /自治/.test(name) ? base.replace(peoples, '') || base : base
  const rank = /自治州$/.test(name) ? '州' : /自治县$/.test(name) ? '县' : /自治旗$/.test(name) ? '旗' : ''
  return { whole: rank === '' ? [name] : [name, short + rank], short }
}

const peoples =
  /(?<=^.{2,})(?:(?:维吾尔|哈萨克|柯尔克孜|蒙古|朝鲜|土家|布依|哈尼|傈僳|景颇|拉祜|布朗|仡佬|仫佬|毛南|达斡尔|鄂温克|鄂伦春|塔吉克|锡伯|裕固|保安|东乡|撒拉|独龙|普米|各|回|藏|羌|彝|苗|侗|壮|傣|白|瑶|畲|黎|水|佤|怒|土|满)族?)+$/
