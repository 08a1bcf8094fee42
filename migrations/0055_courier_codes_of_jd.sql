-- 京东 names couriers by numbers when goods are shipped, and by letters in its e-waybills.

update courier_code set system = 'jd_waybill' where system = 'jd';

insert into courier_code (courier, system, code) values
  ('SF', 'jd', '467'), ('YTO', 'jd', '463'), ('ZTO', 'jd', '1499'), ('STO', 'jd', '470'), ('YUNDA', 'jd', '1327'), ('JD', 'jd', '2087'), ('EMS', 'jd', '465'),
  ('DBKD', 'jd', '3046'), ('HTKY', 'jd', '1748'), ('POSTB', 'jd', '2170'), ('TTKDEX', 'jd', '2009'), ('UC', 'jd', '1747'), ('ZJS', 'jd', '1409');

comment on column courier_code.system is 'A platform: its codes for shipping; a source of waybill numbers or of tracking: its own codes. pinduoduo_waybill, kuaishou_waybill and jd_waybill have other codes than pinduoduo, kuaishou and jd.';
