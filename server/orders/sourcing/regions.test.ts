import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileReach, reaches } from './choose.ts'
import { regionWords } from './regions.ts'

test('a region is the same with spaces or without, with its suffixes or without', () => {
  for (const [text, ...words] of [
    ['浙江省杭州市西湖区', '浙江', '杭州', '西湖区'],
    ['浙江 杭州 西湖区', '浙江', '杭州', '西湖区'],
    ['浙江省 杭州市西湖区', '浙江', '杭州', '西湖区'],
    ['杭州市西湖区', '杭州', '西湖区'],
    ['浙江杭州', '浙江', '杭州'],
    ['浙江省', '浙江'],
    ['广西', '广西'],
    ['广西壮族自治区南宁市', '广西', '南宁'],
    ['广西南宁', '广西', '南宁'],
    ['内蒙古自治区', '内蒙古'],
    ['内蒙古呼和浩特市赛罕区', '内蒙古', '呼和浩特', '赛罕区'],
    ['内蒙古自治区锡林郭勒盟', '内蒙古', '锡林郭勒'],
    ['新疆维吾尔自治区', '新疆'],
    ['北京市朝阳区', '北京', '朝阳区'],
    ['香港特别行政区', '香港'],
    ['义乌', '义乌'],
    ['西湖区', '西湖区'],
    ['', ...[]],
  ] as [string, ...string[]][])
    assert.deepEqual(regionWords(text), words, text)
})

test('what only begins or goes on like a province or a city is none', () => {
  for (const [text, ...words] of [
    ['吉林市', '吉林'],
    ['吉林省吉林市船营区', '吉林', '吉林', '船营区'],
    ['吉林市船营区', '吉林', '船营区'],
    ['青海海南藏族自治州', '青海', '海南'],
    ['吉林省延边朝鲜族自治州', '吉林', '延边'],
    ['湖北省恩施土家族苗族自治州恩施市', '湖北', '恩施', '恩施'],
    ['湖北省荆州市沙市区', '湖北', '荆州', '沙市区'],
    ['浙江省金华市义乌市', '浙江', '金华', '义乌'],
    ['黑龙江省大兴安岭地区', '黑龙江', '大兴安岭'],
    ['朝阳市', '朝阳'],
    ['朝阳区', '朝阳区'],
  ] as [string, ...string[]][])
    assert.deepEqual(regionWords(text), words, text)
})

test('a courier that does not go somewhere does not go there however it is written', () => {
  const reach = compileReach({ YTO: ['内蒙古自治区', '浙江省杭州市西湖区'] })
  for (const region of ['内蒙古 呼和浩特 赛罕区', '内蒙古呼和浩特', '浙江 杭州 西湖区', '浙江省杭州市西湖区'])
    assert.equal(reaches(reach, 'YTO', region), false, region)
  for (const region of ['浙江 杭州 滨江区', '浙江省杭州市', '广西'])
    assert.equal(reaches(reach, 'YTO', region), true, region)
})
