"""Exports of the Medicare Coverage Database in small: a zip with a zip of csv in it, in the layout that is published; all texts are invented."""

from __future__ import annotations

import csv
import html
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

DAY = (2026, 8, 30, 6, 0, 0)
ARTICLE = (
    "article_id,article_version,article_type,title,article_pub_date,article_eff_date,article_end_date,description,other_comments,sad_url,status,"
    "last_updated,history_exp,key_article,icd9_covered_para,icd9_noncovered_para,revenue_para,thirty_percent,article_rev_end_date,"
    "source_article_id,date_retired,keywords,icd10_doc,add_icd10_info,cms_cov_policy,display_id,reference_article"
).split(",")
LCD = "lcd_id,lcd_version,title,status,orig_det_eff_date,rev_eff_date,rev_end_date,date_retired,indication,doc_reqs,bibliography,keywords".split(",")
NCD = (
    "NCD_id,NCD_vrsn_num,natl_cvrg_type,cvrg_lvl_cd,NCD_mnl_sect,NCD_mnl_sect_title,NCD_efctv_dt,NCD_impltn_dt,NCD_trmntn_dt,itm_srvc_desc,"
    "indctn_lmtn,xref_txt,othr_txt,trnsmtl_num,trnsmtl_issnc_dt,trnsmtl_url,chg_rqst_num,pblctn_cd,rev_hstry,under_rvw,creatd_tmstmp,"
    "last_updt_tmstmp,last_clrnc_tmstmp,NCD_lab,ncd_keyword,NCD_AMA"
).split(",")
STAMP = "2026-08-20 10:11:12.123000"
CONTRACTOR = (
    "contractor_id,contractor_type_id,contractor_version,contractor_bus_name,contractor_number,dmerc_rgn,address1,address2,address3,city,state_id,"
    "zipcode,phone,fax,url,email,status,status_flag,ignore,cmd_name,cmd_title,contractor_subtype_id,last_updated"
).split(",")
HEADERS = {
    "article_x_hcpc_code": "article_id,article_version,hcpc_code_id,hcpc_code_version,hcpc_code_group,range,last_updated,long_description,"
    "short_description",
    "article_x_hcpc_code_group": "article_id,article_version,hcpc_code_group,paragraph,last_updated",
    "article_x_hcpc_modifier_group": "article_id,article_version,hcpc_modifier_group,paragraph,last_updated",
    "article_x_icd10_covered": "article_id,article_version,icd10_code_id,icd10_code_version,icd10_covered_group,range,last_updated,sort_order,"
    "description,asterisk",
    "article_x_icd10_covered_group": "article_id,article_version,icd10_covered_group,paragraph,last_updated,icd10_covered_ast",
    "article_x_icd10_noncovered": "article_id,article_version,icd10_code_id,icd10_code_version,icd10_noncovered_group,range,last_updated,sort_order,"
    "description",
    "article_x_icd10_noncovered_group": "article_id,article_version,icd10_noncovered_group,paragraph,last_updated",
    "article_x_contractor": "article_id,article_version,article_type,contractor_id,contractor_type_id,contractor_version,last_updated",
    "article_related_documents": "article_id,article_version,related_num,r_article_id,r_article_version,r_lcd_id,r_lcd_version,"
    "r_contractor_id,last_updated",
    "article_related_ncd_documents": "article_id,article_version,related_num,r_ncd_id,r_ncd_version,last_updated",
    "article_x_bill_code": "article_id,article_version,bill_code_id,bill_code_version,last_updated,description",
    "lcd_x_hcpc_code": "lcd_id,lcd_version,hcpc_code_id,hcpc_code_version,hcpc_code_group,range,last_updated,long_description,short_description",
    "lcd_x_contractor": "lcd_id,lcd_version,contractor_id,contractor_type_id,contractor_version,last_updated",
    "contractor_jurisdiction": "contractor_id,contractor_type_id,contractor_version,state_id,active_date,term_date,last_updated",
    "contractor_type_lookup": "contractor_type_id,description",
    "dmerc_region_lookup": "region_id,description,psc_description,mac_description,super_mac_description",
    "state_lookup": "state_id,state_abbrev,description",
    "update_period": "period_id,begin_date,end_date",
    "article": ",".join(ARTICLE),
    "lcd": ",".join(LCD),
    "ncd_trkg": ",".join(NCD),
    "contractor": ",".join(CONTRACTOR),
}
# Each table's rows: contractors 10 and 11 are of Iowa and upstate New York, Part B; 12 was of Ohio until 2020.
SHARED: dict[str, list[list[str]]] = {
    "contractor_jurisdiction": [
        ["10", "12", "1", "1", "2012-01-01 00:00:00", "", STAMP],
        ["11", "12", "1", "3", "2012-01-01 00:00:00", "", STAMP],
        ["12", "12", "1", "4", "2012-01-01 00:00:00", "2020-01-01 00:00:00", STAMP],
        ["99", "12", "1", "1", "2012-01-01 00:00:00", "", STAMP],
    ],
    "contractor_type_lookup": [["12", "MAC - Part B"]],
    "dmerc_region_lookup": [["5", "Region", "", "J - 5", ""]],
    "state_lookup": [["1", "IA", "Iowa"], ["2", "NY", "New York - Entire State"], ["3", "UN", "New York - Upstate"], ["4", "OH", "Ohio"]],
}


def article(id: str, title: str, version: str = "3", status: str = "A", start: str = "2024-01-01 00:00:00", **fields: str) -> list[str]:
    """A row of article.csv."""
    own = {"article_id": id, "article_version": version, "title": title, "status": status, "article_eff_date": start, "last_updated": STAMP}
    return [(own | fields).get(name, "") for name in ARTICLE]


def lcd(id: str, title: str, version: str = "7", status: str = "A", **fields: str) -> list[str]:
    """A row of lcd.csv."""
    own = {"lcd_id": id, "lcd_version": version, "title": title, "status": status, "orig_det_eff_date": "2015-10-01 00:00:00"}
    return [(own | fields).get(name, "") for name in LCD]


def ncd(section: str, title: str, id: str = "169", **fields: str) -> list[str]:
    """A row of ncd_trkg.csv."""
    own = {"NCD_id": id, "NCD_vrsn_num": "2", "cvrg_lvl_cd": "2", "NCD_mnl_sect": section, "NCD_mnl_sect_title": title,
           "NCD_efctv_dt": "2021-09-27 00:00:00", "under_rvw": "False", "last_updt_tmstmp": STAMP}  # fmt: skip
    return [(own | fields).get(name, "") for name in NCD]


def contractor(id: str, name: str, number: str = "", region: str = "5") -> list[str]:
    """A row of contractor.csv."""
    own = {"contractor_id": id, "contractor_type_id": "12", "contractor_version": "1", "contractor_bus_name": name, "contractor_number": number,
           "dmerc_rgn": region}  # fmt: skip
    return [own.get(column, "") for column in CONTRACTOR]


SHARED["contractor"] = [contractor("10", "Invented  Plains", "05102"), contractor("11", "Invented North"), contractor("12", "Invented Past", "09999")]


def escaped(text: str) -> str:
    """HTML as the exports hold it: escaped twice."""
    return html.escape(html.escape(text))


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Quoted where needed, with CRLF."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def zipped(files: dict[str, bytes], day: tuple[int, int, int, int, int, int] = DAY) -> bytes:
    """An archive whose members are of one day."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, day), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def export(
    folder: Path, name: str, tables: dict[str, list[list[str]]], encoding: str = "utf-8", day: tuple[int, int, int, int, int, int] = DAY
) -> Path:
    """Write `current_article.zip` and the like: the csv in a zip of their own, beside what else CMS packs."""
    files = {f"{table}.csv": as_csv(HEADERS[table].split(","), rows).encode(encoding) for table, rows in tables.items()}
    inner = zipped(files | {"readme_first.txt": b"Invented notice"}, day)
    path = folder / f"{name}.zip"
    path.write_bytes(zipped({f"{name}_csv.zip": inner, f"{name} notice.txt": b"Invented"}, (2026, 9, 3, 0, 0, 0)))
    return path
