-- 抖店 is called as its connector is.

update courier_code set system = 'doudian' where system = 'douyin';
