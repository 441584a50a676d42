/**
 * Pronouns, forms of address, particles and auxiliaries of one syllable that the list of `stopword` lacks, because it was made for
 * written texts. Chosen from the Vietnamese words of https://github.com/stopwords-iso/stopwords-iso (MIT), without its nouns.
 */
export const VIETNAMESE_STOP_WORDS: readonly string[] = (
  'a-lô alô ai anh em cô chú bác bà ông cậu tôi tớ mình mợ thím họ nó ngươi bạn biết bằng bị bớ bởi ' +
  'chăng chưa chắc chỉ chớ chứ càng các cái còn có cùng cũng cả cần của cứ do duy dưới dạ dẫu giữa gì ' +
  'hay hoặc hơn hỏi khi khác không luôn là làm lên lúc lại lần muốn mà mỗi một mới ngay ngoài nhau ' +
  'nhiều nhé như nhưng nhất nhỉ những nào này nên nếu nữa phải qua quá ra riêng rất rằng rồi sao sau sẽ ' +
  'sự theo thì thôi thường thấy thế trong trên trước tuy tại tới từ từng việc và vào vâng vì vẫn vậy về ' +
  'với vừa à ạ ấy ơi ừ đang đi điều đây đã đó được đến đều để ở cho'
).split(' ');
