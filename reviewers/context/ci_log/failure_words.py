"""Change here which words mark a failure in languages other than English.

The words come from the message catalogs of the GNU tools, javac and MSBuild.
"""

import re

# Whole words, in lower case: error, failed, failure, fatal, invalid, aborted, unknown.
WORDS = {
    "German": "fehler fehlgeschlagen schwerwiegend schwerwiegender ungültig ungültige ungültiger abgebrochen unbekannt unbekannter",
    "French": "erreur erreurs échec échoué échouée fatale introuvable introuvables impossible invalide inconnu inconnue arrêt",
    "Spanish": "errores fallo fallos falló fallido fallida fallidas inválido inválida abortado desconocido desconocida",
    "Portuguese": "erro erros falha falhas falhou inválido inválida abortado desconhecido desconhecida",
    "Italian": "errore errori fallito fallita impossibile interrotto sconosciuto sconosciuta",
    "Dutch": "fout fouten mislukt ongeldig ongeldige afgebroken onbekend onbekende",
    "Swedish, Danish, Norwegian": "fel fejl feil misslyckades mislykkedes mislyktes ogiltig ogiltigt ugyldig ugyldigt okänd ukendt ukjent",
    "Finnish": "virhe virheitä epäonnistui virheellinen keskeytetty tuntematon",
    "Polish": "błąd błędy błędów niepowodzenie nieprawidłowy nieprawidłowa przerwano nieznany nieznana",
    "Czech, Slovak": "chyba chyby selhalo selhání zlyhalo nenalezen nenalezeno nelze neplatný neplatná neznámý neznáma",
    "Hungarian": "hiba hibás sikertelen érvénytelen ismeretlen",
    "Romanian": "eroare erori eșuat eşuat",
    "Turkish": "hata hatası hatalar başarısız bulunamadı geçersiz bilinmeyen",
    "Greek": "σφάλμα σφάλματα απέτυχε αποτυχία αδυναμία άκυρο άγνωστο",
    "Russian": "ошибка ошибки ошибок сбой неудача невозможно прервано",
    "Ukrainian": "помилка помилки помилок збій неможливо перервано",
    "Indonesian": "gagal galat kesalahan",
    "Vietnamese": "lỗi",
}
# Parts of a text: phrases, inflected stems, and words of languages without blanks between words.
PARTS = {
    "German": "nicht gefunden|nicht deklariert|nicht definiert|kann nicht|konnte nicht|keine regel",
    "French": "non trouvé|non déclaré|non défini|ne peut|n'a pas pu|pas de règle",
    "Spanish": "no se encontr|no encontrad|no se puede|no se pudo",
    "Portuguese": "não encontrad|não foi possível",
    "Italian": "non trovat|non valid|non è possibile",
    "Dutch": "niet gevonden|kan niet|kon niet",
    "Swedish, Danish, Norwegian": "hittades inte|ikke fundet|ikke funnet|kunde inte|kunne ikke",
    "Finnish": "ei löydy|ei voi",
    "Polish": "nie powiod|nie znaleziono|nie można",
    "Hungarian": "nem található|nem lehet",
    "Romanian": "nu a fost găsit|nu se poate",
    "Greek": "δεν βρέθηκε|δεν είναι δυνατ",
    "Russian": "не удалось|не найден|не определен|недопустим|неизвестн",
    "Ukrainian": "не вдалося|не знайдено|недійсн",
    "Vietnamese, Indonesian": "thất bại|không tìm thấy|không thể|tidak ditemukan|tidak dapat",
    "Japanese": "エラー|失敗|致命的|見つかりません|見つけられません|できません|無効な|中止|不明な|未定義|例外",
    "Chinese": "错误|失败|致命|找不到|未找到|无法|不能|无效|中止|终止|未知|未定义|未声明|异常|錯誤|失敗|無法|無效",
    "Korean": "오류|실패|치명적|찾을 수 없|수 없습니다|잘못된|중단|알 수 없는|예외",
    "Arabic, Hebrew": "خطأ|فشل|تعذر|غير موجود|שגיאה|נכשל|לא נמצא",
    "Thai, Hindi": "ข้อผิดพลาด|ล้มเหลว|ไม่พบ|त्रुटि|विफल",
}
_WORDS = frozenset(word for words in WORDS.values() for word in words.split())
_PARTS = tuple(part for parts in PARTS.values() for part in parts.split("|"))
_ASCII = tuple(part for part in _PARTS if part.isascii())
_TOKEN = re.compile(r"[^\W\d_]+")


def says_failure(lower: str) -> bool:
    """Whether a line in lower case, of at most a few hundred characters, contains such a word."""
    if not _WORDS.isdisjoint(_TOKEN.findall(lower)):
        return True
    return any(part in lower for part in (_ASCII if lower.isascii() else _PARTS))
