import { useQuery } from '@tanstack/react-query'
import { loadDivisions, writtenAs } from '../../../../server/lib/address/divisions.ts'
import { useSay } from '../../words.ts'
import { Choice } from '../form/form.tsx'

export type Region = { province: string; city: string; district: string }

export function useDivisions() {
  return useQuery({
    queryKey: ['divisions'],
    queryFn: loadDivisions,
    staleTime: Number.POSITIVE_INFINITY,
  })
}

const isCalled = (name: string, text: string) => name === text || writtenAs(name).short === text

/** Fields for province, city and district. Each offers the places within the one chosen before. A change empties the fields after it. */
export function RegionFields(props: {
  value: Region
  /** False: there is no field for the district. */
  district?: boolean
  needed?: boolean
  onChange: (region: Region) => void
}) {
  const { value, onChange } = props
  const say = useSay()
  const { data: provinces = [] } = useDivisions()
  const province = provinces.find(({ name }) => isCalled(name, value.province))
  const city = province?.cities.find(({ name }) => isCalled(name, value.city))
  const star = props.needed ? ' *' : ''
  const options = (names: readonly string[], chosen: string) => [
    { value: '', label: say(['选择…', 'Choose…']) },
    // A value that is not in the list, for example while the list is being loaded, stays an option.
    ...(chosen === '' || names.includes(chosen) ? [] : [{ value: chosen, label: chosen }]),
    ...names.map((name) => ({ value: name, label: name })),
  ]
  const [provinceName, cityName] = [province?.name ?? value.province, city?.name ?? value.city]
  return (
    <>
      <Choice
        label={`${say(['省', 'Province'])}${star}`}
        value={provinceName}
        options={options(
          provinces.map(({ name }) => name),
          provinceName,
        )}
        onChange={(next) => {
          const cities = provinces.find(({ name }) => name === next)?.cities ?? []
          onChange({ province: next, city: cities.length === 1 ? (cities[0]?.name ?? '') : '', district: '' })
        }}
      />
      <Choice
        label={`${say(['市', 'City'])}${star}`}
        value={cityName}
        options={options(
          (province?.cities ?? []).map(({ name }) => name),
          cityName,
        )}
        onChange={(next) => onChange({ province: provinceName, city: next, district: '' })}
      />
      {props.district !== false && (
        <Choice
          label={say(['区县', 'District'])}
          value={value.district}
          options={options(city?.districts ?? [], value.district)}
          onChange={(district) => onChange({ province: provinceName, city: cityName, district })}
        />
      )}
    </>
  )
}
